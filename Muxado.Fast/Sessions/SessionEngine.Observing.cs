using Muxado.Fast.Diagnostics;
using Muxado.Fast.Streams;

namespace Muxado.Fast.Sessions;

/// <content>What can be seen of a session from outside: its snapshot, what the meter reads, and the events of its life.</content>
internal sealed partial class SessionEngine
{
    private readonly long _startedAt;
    private long _endedAt;

    /// <summary>Which session of this process it is.</summary>
    public long Number { get; } = LiveSessions.NextNumber();

    public SessionCounters Counters { get; } = new();

    public int ActiveStreams => Streams.ActiveStreams;

    public int QueuedStreams => Backlog.Count;

    public long BytesSent => Output.BytesSent;

    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    public long TicksPerSecond => Timer.TicksPerSecond;

    private string Role => IsClient ? "client" : "server";

    private TimeSpan Age => Timer.ToTimeSpan((Volatile.Read(ref _endedAt) is not 0 and var ended ? ended : Now) - _startedAt);

    public MuxadoSessionSnapshot GetSnapshot()
    {
        var streams = new List<MuxadoStreamSnapshot>();
        foreach ((StreamCore stream, uint id) in Streams.Snapshot(_ => true))
        {
            if (stream.GetSnapshot(this, id) is { } snapshot)
                streams.Add(snapshot);
        }

        (long opened, long accepted) = Streams.Totals;
        return new MuxadoSessionSnapshot
        {
            SessionNumber = Number,
            IsClient = IsClient,
            State = _phase switch
            {
                Phase.Open => MuxadoSessionState.Open,
                Phase.Closing => MuxadoSessionState.Closing,
                _ => MuxadoSessionState.Closed,
            },
            IsGoingAway = IsAwaySent,
            IsPeerGoingAway = _peerCode is not null,
            IsReadingPaused = _pump.IsPaused,
            Age = Age,
            RoundTripTime = RoundTripTime,
            BytesSent = BytesSent,
            BytesReceived = BytesReceived,
            UnsentBytes = Output.UnsentFrameBytes + streams.Sum(stream => (long)stream.UnsentBytes),
            ActiveStreams = ActiveStreams,
            QueuedStreams = QueuedStreams,
            StreamsOpened = opened,
            StreamsAccepted = accepted,
            ResetsSent = Sum(Counters.ResetsSent),
            ResetsReceived = Sum(Counters.ResetsReceived),
            Streams = streams.AsReadOnly(),
        };
    }

    private bool IsAwaySent
    {
        get
        {
            lock (_closeGate)
                return _localCode is not null;
        }
    }

    private void NoteStarted()
    {
        LiveSessions.Add(this);
        if (MuxadoEventSource.Log.IsEnabled())
            MuxadoEventSource.Log.SessionStarted(Number, Role, $"{_transport.LocalEndPoint}", $"{_transport.RemoteEndPoint}");
    }

    private void NoteEnded(MuxadoError error, string message)
    {
        Volatile.Write(ref _endedAt, Now);
        LiveSessions.Remove(this);
        SessionMeter.RecordSession(IsClient, error, Age);
        MuxadoEventSource.Log.SessionStopped(Number, error.ToString(), Age.TotalSeconds, message);
    }

    private static long Sum(ReadOnlySpan<long> numbers)
    {
        long sum = 0;
        foreach (long number in numbers)
            sum += number;
        return sum;
    }
}
