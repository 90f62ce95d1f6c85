namespace Muxado.Fast.Streams;

/// <summary>What has happened to a stream so far. Nearly all flags stay until the core is reused.</summary>
[Flags]
internal enum StreamState : ushort
{
    None = 0,

    /// <summary>The application has nothing more to write, or the peer will not read it.</summary>
    WritesCompleted = 1 << 0,

    /// <summary>Our FIN is in a batch. With <see cref="FinReceived"/> the stream is over on the wire.</summary>
    FinSent = 1 << 1,

    FinReceived = 1 << 2,

    /// <summary>No frame counts any more: reset by either side, or the session has ended.</summary>
    Reset = 1 << 3,

    /// <summary>This side's application reset it: what was received is not readable.</summary>
    LocallyAborted = 1 << 4,

    /// <summary>The application has let go of it.</summary>
    Released = 1 << 5,

    /// <summary>The stream is over on the wire, and the session was told.</summary>
    WireClosed = 1 << 6,

    /// <summary>A byte or a FIN has come: the peer's application saw the stream.</summary>
    Answered = 1 << 7,

    /// <summary>This side's application has sent something.</summary>
    Spoken = 1 << 12,

    /// <summary>A write was called off half-way, and none has followed: what was sent may be a part of a message.</summary>
    Truncated = 1 << 13,

    /// <summary>The peer, which opened it, reads nothing of it.</summary>
    OneWay = 1 << 14,

    /// <summary>The peer opened it.</summary>
    Inbound = 1 << 8,

    /// <summary>It belongs to an extension, and does not count as one of the application's.</summary>
    Extension = 1 << 9,

    /// <summary>The application has half-closed in so many words, while a write was under way: whatever becomes of it, FIN follows.</summary>
    FinRequested = 1 << 11,

    /// <summary>A probe of a possibly abandoned stream is scheduled.</summary>
    ProbeArmed = 1 << 10,
}
