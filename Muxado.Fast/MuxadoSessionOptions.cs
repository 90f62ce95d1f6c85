using System.Diagnostics.CodeAnalysis;

namespace Muxado.Fast;

/// <summary>The limits and timings of a session. Checked and copied when a session is created; later changes have no effect on it.</summary>
[SuppressMessage("Usage", "CA2227", Justification = "Options are plain settable data.")]
public class MuxadoSessionOptions
{
    /// <summary>How often a heartbeat is sent. Default 3 s. <see cref="Timeout.InfiniteTimeSpan"/> turns ours off; the peer's are always answered.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long beyond the interval the peer may stay silent before the session ends. Default 60 s; must not be negative.</summary>
    public TimeSpan HeartbeatTolerance { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How many streams may wait to be accepted; further ones are refused, safe to retry. Default 1024, at least 1.</summary>
    public int AcceptBacklog { get; set; } = 1024;

    /// <summary>
    /// How many streams of the peer may be open at once; further ones are refused, safe to retry. A stream counts until it is
    /// closed on the wire and disposed by the application. Default 1024, at least 1.
    /// </summary>
    public int MaxInboundStreams { get; set; } = 1024;

    /// <summary>The largest receive window of one stream, in bytes. Default 1 MiB, from 64 KiB to 1 GiB.</summary>
    public int MaxReceiveWindow { get; set; } = 1024 * 1024;

    /// <summary>How many bytes of window beyond the first 64 KiB all streams of a session may hold together. Default 64 MiB, not negative.</summary>
    public long SessionReceiveBudget { get; set; } = 64L * 1024 * 1024;

    /// <summary>How long the transport may refuse our bytes before the session is ended. Default 10 s, positive or infinite.</summary>
    public TimeSpan WriteStallTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the rest of a frame may take once it has begun. Default 30 s, positive or infinite.</summary>
    public TimeSpan PartialFrameTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long closing may take in all before the transport is cut. Default 5 s, positive.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether a GOAWAY's length must be honest. Default false: Go's muxado announces debug bytes that it never sends, and is
    /// understood. Set it when every peer is known to tell the truth.
    /// </summary>
    public bool StrictGoAway { get; set; }

    /// <summary>Handlers for reserved stream types, 0xFFFFFEFF to 0xFFFFFFFF. Default none besides the built-in heartbeat.</summary>
    public IList<MuxadoExtension> Extensions { get; set; } = [];

    /// <summary>The clock of every timeout. Default <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
