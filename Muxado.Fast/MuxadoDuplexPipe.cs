using System.IO.Pipelines;

namespace Muxado.Fast;

/// <summary>A stream as a duplex pipe, whose two ends close the stream's two halves.</summary>
/// <remarks>
/// Owner: the application, which completes both ends.
/// Threading: each end as <see cref="PipeReader"/> and <see cref="PipeWriter"/> say; the two ends are independent.
/// Invariants: the stream is disposed exactly when both ends are complete.
/// Reuse: none.
/// </remarks>
internal sealed class MuxadoDuplexPipe : IDuplexPipe
{
    private readonly MuxadoStream _stream;
    private int _openEnds = 2;

    public MuxadoDuplexPipe(MuxadoStream stream)
    {
        _stream = stream;
        Input = new InputEnd(this, PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)));
        Output = new OutputEnd(this, PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)));
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    private void OnEndCompleted()
    {
        if (Interlocked.Decrement(ref _openEnds) == 0)
            _stream.Dispose();
    }

    private sealed class InputEnd(MuxadoDuplexPipe pipe, PipeReader inner) : PipeReader
    {
        private int _completed;

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => inner.ReadAsync(cancellationToken);

        public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

        public override void Complete(Exception? exception = null)
        {
            if (Interlocked.Exchange(ref _completed, 1) != 0)
                return;
            inner.Complete(exception);
            pipe.OnEndCompleted();
        }

        protected override ValueTask<ReadResult> ReadAtLeastAsyncCore(int minimumSize, CancellationToken cancellationToken) =>
            inner.ReadAtLeastAsync(minimumSize, cancellationToken);
    }

    private sealed class OutputEnd(MuxadoDuplexPipe pipe, PipeWriter inner) : PipeWriter
    {
        private int _completed;

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(source, cancellationToken);

        public override void Complete(Exception? exception = null)
        {
            if (Interlocked.Exchange(ref _completed, 1) != 0)
                return;
            try
            {
                inner.Complete(exception);
                CloseStream(exception);
            }
            catch
            {
                pipe._stream.Abort();
                throw;
            }
            finally
            {
                pipe.OnEndCompleted();
            }
        }

        public override async ValueTask CompleteAsync(Exception? exception = null)
        {
            if (Interlocked.Exchange(ref _completed, 1) != 0)
                return;
            try
            {
                await inner.CompleteAsync(exception).ConfigureAwait(false);
                CloseStream(exception);
            }
            catch
            {
                // The last bytes did not go out: the peer must not take what it has for the whole.
                pipe._stream.Abort();
                throw;
            }
            finally
            {
                pipe.OnEndCompleted();
            }
        }

        private void CloseStream(Exception? exception)
        {
            if (exception is null)
                pipe._stream.CompleteWrites();
            else
                pipe._stream.Abort();
        }
    }
}
