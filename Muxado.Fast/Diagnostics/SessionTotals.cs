using Muxado.Fast.Streams;

namespace Muxado.Fast.Diagnostics;

/// <summary>The numbers of several sessions added up.</summary>
/// <remarks>
/// Owner: <see cref="LiveSessions"/>, or whoever it was made for.
/// Threading: its owner's.
/// </remarks>
internal sealed class SessionTotals
{
    public long Sessions { get; private set; }

    public long ActiveStreams { get; private set; }

    public long QueuedStreams { get; private set; }

    public long BytesSent { get; private set; }

    public long BytesReceived { get; private set; }

    public long[] ResetsSent { get; } = new long[SessionCounters.ResetCodes];

    public long[] ResetsReceived { get; } = new long[SessionCounters.ResetCodes];

    /// <summary>By <see cref="StreamWait"/>.</summary>
    public double[] WaitSeconds { get; } = new double[(int)StreamWait.Reader + 1];

    /// <summary>Adds a session that lives: all its numbers.</summary>
    public void AddLive(IObservedSession session)
    {
        Sessions++;
        ActiveStreams += session.ActiveStreams;
        QueuedStreams += session.QueuedStreams;
        AddCounted(session);
    }

    /// <summary>Adds what a session has counted, and not what it is.</summary>
    public void AddCounted(IObservedSession session)
    {
        BytesSent += session.BytesSent;
        BytesReceived += session.BytesReceived;
        for (int i = 0; i < SessionCounters.ResetCodes; i++)
        {
            ResetsSent[i] += session.Counters.ResetsSent[i];
            ResetsReceived[i] += session.Counters.ResetsReceived[i];
        }

        for (int i = 0; i < WaitSeconds.Length; i++)
            WaitSeconds[i] += session.Counters.WaitTicks[i] / (double)session.TicksPerSecond;
    }

    public void Add(SessionTotals other)
    {
        BytesSent += other.BytesSent;
        BytesReceived += other.BytesReceived;
        for (int i = 0; i < SessionCounters.ResetCodes; i++)
        {
            ResetsSent[i] += other.ResetsSent[i];
            ResetsReceived[i] += other.ResetsReceived[i];
        }

        for (int i = 0; i < WaitSeconds.Length; i++)
            WaitSeconds[i] += other.WaitSeconds[i];
    }
}
