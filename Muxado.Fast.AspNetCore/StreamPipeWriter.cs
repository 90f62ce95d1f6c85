using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Muxado.Fast.AspNetCore;

/// <summary>
/// The writing end. A flush that fails says that nobody reads any more, as Kestrel's own transports do: an exception there would be an error in its log for each
/// peer that went away.
/// </summary>
internal sealed class StreamPipeWriter(PipeWriter inner, bool prefersInline) : PipeWriter
{
    private static readonly FlushResult NobodyReads = new(isCanceled: false, isCompleted: true);

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override void Advance(int bytes) => inner.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        try
        {
            inner.Complete(exception);
        }
        catch (Exception failure) when (IsOfStream(failure))
        {
            // The last bytes found no reader: the stream is reset, and whoever waits for them has seen that.
        }
    }

    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        try
        {
            await inner.CompleteAsync(exception).ConfigureAwait(false);
        }
        catch (Exception failure) when (IsOfStream(failure))
        {
            // As above.
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return Settle(inner.FlushAsync(cancellationToken));
        }
        catch (IOException)
        {
            return ValueTask.FromResult(NobodyReads);
        }
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        try
        {
            return Settle(inner.WriteAsync(source, cancellationToken));
        }
        catch (IOException)
        {
            return ValueTask.FromResult(NobodyReads);
        }
    }

    /// <summary>Lost, or disposed or written to by the application behind Kestrel's back: a connection that cannot be completed is one that Kestrel never forgets.</summary>
    private static bool IsOfStream(Exception failure) => failure is IOException or InvalidOperationException;

    private ValueTask<FlushResult> Settle(ValueTask<FlushResult> flushing) => flushing.IsCompletedSuccessfully ? flushing : WaitAsync(flushing);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> WaitAsync(ValueTask<FlushResult> flushing)
    {
        FlushResult result = NobodyReads;
        try
        {
            result = await flushing.ConfigureAwait(false);
        }
        catch (IOException)
        {
            // Nobody reads.
        }

        if (!prefersInline)
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return result;
    }
}
