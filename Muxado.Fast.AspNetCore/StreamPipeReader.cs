using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace Muxado.Fast.AspNetCore;

/// <summary>The reading end. A stream's failure is what a lost TCP connection is to Kestrel, which reports it at a low level and retries nothing.</summary>
internal sealed class StreamPipeReader(PipeReader inner, bool prefersInline) : PipeReader
{
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
    private static ConnectionResetException AsKestrelSays(MuxadoException exception) => new ConnectionResetException(exception.Message, exception);
}
