namespace Muxado.Fast;

/// <summary>What a stream was doing when <see cref="MuxadoSession.GetSnapshot"/> was called.</summary>
public sealed record MuxadoStreamSnapshot
{
    /// <summary>The stream's id in its session.</summary>
    public uint Id { get; init; }

    /// <summary>The type that it was opened with.</summary>
    public uint StreamType { get; init; }

    /// <summary>The priority that it was opened with.</summary>
    public uint Priority { get; init; }

    /// <summary>Whether the peer has opened it.</summary>
    public bool IsInbound { get; init; }

    /// <summary>Whether it belongs to an extension, such as the heartbeat, and not to the application.</summary>
    public bool IsExtension { get; init; }

    /// <summary>Whether it waits to be accepted.</summary>
    public bool IsQueued { get; init; }

    /// <summary>Bytes that came and were not read.</summary>
    public int UnreadBytes { get; init; }

    /// <summary>The size of the receive window, in bytes. It grows when it holds the peer up.</summary>
    public int ReceiveWindowBytes { get; init; }

    /// <summary>How many bytes the peer may send now, as far as this side has allowed.</summary>
    public int ReceiveCreditBytes { get; init; }

    /// <summary>How many bytes this side may send now. With a write waiting and 0 here, the peer is what it waits for.</summary>
    public int SendCreditBytes { get; init; }

    /// <summary>Whether a read waits for the peer's bytes.</summary>
    public bool IsReadWaiting { get; init; }

    /// <summary>Whether a write waits, for the peer's window or for the transport.</summary>
    public bool IsWriteWaiting { get; init; }

    /// <summary>What the waiting write has left to put into frames, in bytes.</summary>
    public int UnsentBytes { get; init; }

    /// <summary>Whether this side writes no more: it has half-closed.</summary>
    public bool AreWritesCompleted { get; init; }

    /// <summary>Whether the peer writes no more: its FIN has come. There may still be unread bytes.</summary>
    public bool AreReadsCompleted { get; init; }

    /// <summary>Whether the application has disposed it, or it was turned away: it is only still open on the wire.</summary>
    public bool IsDisposed { get; init; }

    /// <summary>Why it has failed (reset by either side, or with its session), or <see cref="MuxadoError.None"/>.</summary>
    public MuxadoError Error { get; init; }

    /// <summary>The code that belongs to <see cref="Error"/>, if there is one.</summary>
    public MuxadoErrorCode? ErrorCode { get; init; }
}
