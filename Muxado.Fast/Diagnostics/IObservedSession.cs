namespace Muxado.Fast.Diagnostics;

/// <summary>What the meter asks of a session that lives. Every member may be read at any time, from any thread, and takes no lock.</summary>
internal interface IObservedSession
{
    bool IsClient { get; }

    int ActiveStreams { get; }

    int QueuedStreams { get; }

    long BytesSent { get; }

    long BytesReceived { get; }

    SessionCounters Counters { get; }

    /// <summary>Of the clock in which waits are counted.</summary>
    long TicksPerSecond { get; }
}
