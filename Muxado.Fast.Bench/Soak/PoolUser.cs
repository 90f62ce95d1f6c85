using System.Runtime.ExceptionServices;
using Muxado.Fast.Bench.Chance;

namespace Muxado.Fast.Bench.Soak;

/// <summary>Opens one stream after the other on a pool, until that is closed; some it opens itself, the others it leaves to the pool to repeat.</summary>
internal sealed class PoolUser(SoakContext context, LinkFactory factory, MuxadoSessionPool pool)
{
    private volatile bool _poolMayBeClosed;

    public bool PoolMayBeClosed
    {
        get => _poolMayBeClosed;
        set => _poolMayBeClosed = value;
    }

    public async Task RunAsync()
    {
        using var worker = new Worker(context);
        bool goesOn;
        do
        {
            var conversation = context.Begin();
            var dice = context.DiceFor(conversation.Number, salt: 0);
            try
            {
                goesOn = dice.Chance(0.5) ? await OpenAsync(worker, conversation, dice) : await ExecuteAsync(worker, conversation, dice);
            }
            finally
            {
                context.End(conversation);
            }
        }
        while (goesOn);
    }

    private async Task<bool> OpenAsync(Worker worker, Conversation conversation, Dice dice)
    {
        var options = Link.ChooseOptions(conversation, dice);
        await using var interruption = dice.Chance(0.15) ? new Interruption(dice) : null;
        worker.Reads.Subject = pool;
        worker.Reads.Begin("an open");
        MuxadoStream stream;
        try
        {
            var opening = pool.OpenStreamAsync(options, interruption?.Token ?? default);
            interruption?.OnBegun();
            stream = await opening;
        }
        catch (OperationCanceledException) when (interruption?.HasHappened == true)
        {
            context.Tally.Count(Disturbance.CancelOpen);
            return true;
        }
        catch (Exception failure)
        {
            return Explain(failure);
        }
        finally
        {
            worker.Reads.End();
        }

        await RunAsync(worker, conversation, stream, options);
        return true;
    }

    private async Task<bool> ExecuteAsync(Worker worker, Conversation conversation, Dice dice)
    {
        var options = Link.ChooseOptions(conversation, dice);
        Exception? failed = null;
        try
        {
            await pool.ExecuteAsync(
                async (stream, _) =>
                {
                    if (failed is not (null or MuxadoException { IsRetrySafe: true }))
                        context.Tally.Report($"a pool repeats stream {conversation.Number}, although that is not safe: {failed}");
                    failed = await RunAsync(worker, conversation, stream, options);

                    // The next attempt may be accepted as soon as it is opened, which is before this is called again.
                    if (failed is MuxadoException { IsRetrySafe: true })
                        conversation.Renew();
                    if (failed is not null)
                        ExceptionDispatchInfo.Throw(failed);
                },
                options);
        }
        catch (Exception failure) when (!ReferenceEquals(failure, failed))
        {
            return Explain(failure);
        }
        catch (Exception)
        {
            // The stream's own failure, which its end has looked into.
        }

        return true;
    }

    private async Task<Exception?> RunAsync(Worker worker, Conversation conversation, MuxadoStream stream, MuxadoStreamOptions options)
    {
        var link = factory.Of(stream.Session);
        var failed = await StreamEnd.Create(worker, link, isClient: true, conversation, isOpener: true, stream, options.CompleteWrites).RunAsync();
        if (failed is MuxadoException { IsRetrySafe: true })
            context.Tally.CountRetried();
        return failed;
    }

    /// <summary>Whether to go on after an open that failed.</summary>
    private bool Explain(Exception failure)
    {
        if (failure is ObjectDisposedException && PoolMayBeClosed)
            return false;
        context.Tally.Report($"opening a stream on a pool: {failure}");
        return !PoolMayBeClosed;
    }
}
