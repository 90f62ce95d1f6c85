namespace Muxado.Fast.AspNetCore;

/// <summary>How Kestrel runs over streams. Read when an end point is bound.</summary>
public sealed class MuxadoTransportOptions
{
    /// <summary>
    /// Whether the application's code runs on the thread that received the bytes. Default false: it runs on a thread of the pool, as with
    /// Kestrel's own transports. Without that hop short requests are quicker, and a request that computes or blocks
    /// holds up the others of its session, for about 2 ms at a time (<see cref="MuxadoScheduling.Default"/>).
    /// </summary>
    public bool UnsafePreferInlineScheduling { get; set; }
}
