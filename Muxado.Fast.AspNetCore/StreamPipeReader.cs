using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace Muxado.Fast.AspNetCore;

/// <summary>
/// The reading end. A stream's failure is what a lost TCP connection is to Kestrel, which reports it at a low level and retries nothing; unless this side has aborted it.
/// </summary>
internal sealed class StreamPipeReader(PipeReader inner, bool prefersInline) : PipeReader
{
    private volatile bool _isAbortedHere;

    /// <summary>This side is about to abort the connection. Kestrel tells that from a loss: reads of the request are then cancelled, and have not failed.</summary>
    public void OnAborting() => _isAbortedHere = true;

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    public override bool TryRead(out ReadResult result)
    {
        try
        {
            return inner.TryRead(out result);
        }
        catch (MuxadoException exception)
        {
            throw AsKestrelSays(exception);
        }
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            ValueTask<ReadResult> reading = inner.ReadAsync(cancellationToken);
            return reading.IsCompletedSuccessfully ? reading : WaitAsync(reading);
        }
        catch (MuxadoException exception)
        {
            return ValueTask.FromException<ReadResult>(AsKestrelSays(exception));
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> reading)
    {
        try
        {
            ReadResult result = await reading.ConfigureAwait(false);
            if (!prefersInline)
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            return result;
        }
        catch (MuxadoException exception)
        {
            if (!prefersInline)
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            throw AsKestrelSays(exception);
        }
    }

    /// <summary>The original is inside: it says what happened, and to which side.</summary>
    private Exception AsKestrelSays(MuxadoException exception) => _isAbortedHere
        ? new ConnectionAbortedException(exception.Message, exception)
        : new ConnectionResetException(exception.Message, exception);
}
