using System.IO.Pipelines;
using Muxado.Fast.Streams;

namespace Muxado.Fast.Pipes;

/// <summary>A stream as a duplex pipe on the engine's own buffers, whose two ends close the stream's two halves.</summary>
/// <remarks>
/// Owner: the application, which completes both ends.
/// Threading: each end as <see cref="PipeReader"/> and <see cref="PipeWriter"/> say; the two ends are independent.
/// Invariants: the stream is released exactly when both ends are complete, and the output has handed over its last byte.
/// Reuse: none.
/// </remarks>
internal sealed class DuplexPipe : IDuplexPipe
{
    private readonly StreamCore _stream;
    private readonly int _generation;
    private readonly InputPipe _input;
    private int _openEnds = 2;

    public DuplexPipe(StreamCore stream, int generation)
    {
        _stream = stream;
        _generation = generation;
        _input = new InputPipe(this, stream, generation);
        Output = new OutputPipe(this, stream, generation);
    }

    public PipeReader Input => _input;

    public PipeWriter Output { get; }

    /// <summary>An end is complete. What was received and never looked at is answered by a reset, as when a stream is disposed.</summary>
    public void OnEndCompleted()
    {
        if (Interlocked.Decrement(ref _openEnds) != 0)
            return;
        if (_input.HasUnexamined)
            Abort(MuxadoErrorCode.StreamClosed);
        _stream.Release(_generation);
    }

    /// <summary>Resets the stream, unless the application has disposed it behind the pipe's back.</summary>
    public void Abort(MuxadoErrorCode code)
    {
        try
        {
            _stream.Abort(_generation, code);
        }
        catch (ObjectDisposedException)
        {
            // Then it has ended in its own way.
        }
    }
}
