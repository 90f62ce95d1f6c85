namespace Muxado.Fast;

/// <summary>What a <see cref="MuxadoSessionPool"/> was doing at one moment.</summary>
public sealed record MuxadoSessionPoolState
{
    /// <summary>Sessions that take streams.</summary>
    public int ReadySessions { get; init; }

    /// <summary>Sessions that take no more streams and let those that are open finish: the server sent GOAWAY, or they were idle.</summary>
    public int DrainingSessions { get; init; }

    /// <summary>Sessions that are being dialled, or wait for the next attempt.</summary>
    public int DiallingSessions { get; init; }

    /// <summary>Streams that this side opened and that are open on the wire, over all sessions.</summary>
    public int ActiveStreams { get; init; }

    /// <summary>Opens that wait for a session, or for room in one.</summary>
    public int WaitingOpens { get; init; }

    /// <summary>Why the latest attempt to have a session failed: it could not be dialled, or it ended right after. Null before any failed, and after one succeeded.</summary>
    public Exception? LastError { get; init; }

    /// <summary>When the next attempt to dial is due, or null when none is scheduled.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>Whether the pool was shut down or disposed.</summary>
    public bool IsClosed { get; init; }
}
