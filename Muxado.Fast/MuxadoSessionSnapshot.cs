namespace Muxado.Fast;

/// <summary>What a session was doing when <see cref="MuxadoSession.GetSnapshot"/> was called.</summary>
public sealed record MuxadoSessionSnapshot
{
    /// <summary>Sessions are numbered in a process as they are created, from 1. Events, frame logs and captures name the same number.</summary>
    public long SessionNumber { get; init; }

    /// <summary>Whether this side dialled.</summary>
    public bool IsClient { get; init; }

    /// <summary>How far the session has come.</summary>
    public MuxadoSessionState State { get; init; }

    /// <summary>Whether this side has sent GOAWAY: it takes no more streams.</summary>
    public bool IsGoingAway { get; init; }

    /// <summary>Whether the peer has sent GOAWAY: it takes no more streams.</summary>
    public bool IsPeerGoingAway { get; init; }

    /// <summary>
    /// Whether nothing is read for now, because the peer does not take what this side sends: <see cref="MuxadoSessionOptions.MaxQueuedControlFrames"/>
    /// answers wait, or 128 KiB of short frames, mostly FIN and RST.
    /// </summary>
    public bool IsReadingPaused { get; init; }

    /// <summary>How long the session has lived, or lived until it ended.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>The latest round trip that a heartbeat measured, or null before the first.</summary>
    public TimeSpan? RoundTripTime { get; init; }

    /// <summary>Bytes that the transport has taken so far, frame headers included; over TLS before encryption.</summary>
    public long BytesSent { get; init; }

    /// <summary>Bytes that came from the transport so far, counted in the same way.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Bytes that wait to be sent: frames that the transport has not taken, and what waiting writes have left.</summary>
    public long UnsentBytes { get; init; }

    /// <summary>The application's streams that are open on the wire, of both sides.</summary>
    public int ActiveStreams { get; init; }

    /// <summary>The peer's streams that wait to be accepted.</summary>
    public int QueuedStreams { get; init; }

    /// <summary>How many streams this side's application has opened so far.</summary>
    public long StreamsOpened { get; init; }

    /// <summary>How many streams of the peer's application were taken so far, accepted by ours or not yet.</summary>
    public long StreamsAccepted { get; init; }

    /// <summary>How many streams this side has reset so far.</summary>
    public long ResetsSent { get; init; }

    /// <summary>How many streams the peer has reset so far.</summary>
    public long ResetsReceived { get; init; }

    /// <summary>
    /// Every stream that is open on the wire or not disposed, the heartbeat's and other extensions' too, by id. Each is consistent in
    /// itself; two of them may be of different moments.
    /// </summary>
    public IReadOnlyList<MuxadoStreamSnapshot> Streams { get; init; } = [];
}
