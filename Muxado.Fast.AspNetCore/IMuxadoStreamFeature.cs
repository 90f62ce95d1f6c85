namespace Muxado.Fast.AspNetCore;

/// <summary>
/// The stream behind a connection of Kestrel's. Every connection that comes through a <see cref="MuxadoEndPoint"/> has it, and every request on
/// such a connection: <c>HttpContext.Features.Get&lt;IMuxadoStreamFeature&gt;()</c>.
/// </summary>
public interface IMuxadoStreamFeature
{
    /// <summary>
    /// The stream, for its id, type and priority. Its bytes are Kestrel's: leave reading and writing to it. What is read
    /// here Kestrel misses, and what is written here lies somewhere between its own bytes; while Kestrel does the same, it throws. Disposed with the connection.
    /// </summary>
    MuxadoStream Stream { get; }

    /// <summary>The session that carries the stream: to open streams to the peer that asks, for example. It is not Kestrel's to close.</summary>
    MuxadoSession Session { get; }
}
