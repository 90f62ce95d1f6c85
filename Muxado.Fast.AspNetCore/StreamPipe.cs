using System.IO.Pipelines;

namespace Muxado.Fast.AspNetCore;

/// <summary>A stream's own pipe as Kestrel wants a transport: on Kestrel's threads, and with Kestrel's errors. No byte is copied here.</summary>
/// <remarks>
/// <para>
/// Owner: the connection.
/// Threading: as <see cref="PipeReader"/> and <see cref="PipeWriter"/> say. What awaits an operation that had to wait resumes on a thread of the pool: the
/// stream's own pipe resumes it on the thread that receives for the whole session, where an application's code, which may compute
/// or block for as long as it likes, would hold up the session's other requests until the engine's rescue found out. That hop is what
/// Kestrel does for its sockets too; <see cref="MuxadoTransportOptions.UnsafePreferInlineScheduling"/> leaves it out.
/// Invariants: operations that need not wait never hop.
/// Reuse: none.
/// </para>
/// </remarks>
internal sealed class StreamPipe(IDuplexPipe stream, bool prefersInline) : IDuplexPipe
{
    private readonly StreamPipeReader _input = new(stream.Input, prefersInline);

    public PipeReader Input => _input;

    public PipeWriter Output { get; } = new StreamPipeWriter(stream.Output, prefersInline);

    /// <summary>This side is about to abort the connection: whoever reads learns that it was not the peer.</summary>
    public void OnAborting() => _input.OnAborting();
}
