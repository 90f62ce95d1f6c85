using System.Diagnostics;
using Muxado.Fast.Bench.Chance;

namespace Muxado.Fast.Bench.Soak;

/// <content>What goes over it: both sides open streams, and accept the other's.</content>
internal sealed partial class Link
{
    private const int OpenersPerSide = 3;
    private const int AcceptorsPerSide = 4;

    // Well below what a session bears from its peer, see ResetBudget.
    private const int ResetsAtOnce = 400;
    private const int ResetsPerSecond = 40;

    private static readonly TimeSpan s_refusedPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_idlePause = TimeSpan.FromMilliseconds(5);

    private readonly long _born = Stopwatch.GetTimestamp();
    private int _clientResets;
    private int _serverResets;

    /// <summary>Whether one side may reset another of its streams so early that the peer may not have answered it yet.</summary>
    public bool TryTakeReset(bool byClient)
    {
        var allowed = ResetsAtOnce + (int)(Stopwatch.GetElapsedTime(_born).TotalSeconds * ResetsPerSecond);
        return Interlocked.Increment(ref byClient ? ref _clientResets : ref _serverResets) <= allowed;
    }

    /// <summary>Both sides open and accept streams until <paramref name="stop"/>, or until no more can be opened; all are over when this ends.</summary>
    public async Task CarryAsync(CancellationToken stop)
    {
        using var stopAccepting = new CancellationTokenSource();
        var accepting = Task.WhenAll(Many(AcceptorsPerSide, () => AcceptAsync(true, stopAccepting.Token)), Many(AcceptorsPerSide, () => AcceptAsync(false, stopAccepting.Token)));
        await Task.WhenAll(Many(OpenersPerSide, () => OpenAsync(true, stop)), Many(OpenersPerSide, () => OpenAsync(false, stop)));

        // Openers that have left early may have left streams that nobody has accepted yet.
        await context.Watchdog.WatchAsync(WaitUntilIdleAsync(), "falling idle", this);
        await stopAccepting.CancelAsync();
        await accepting;
    }

    /// <summary>The same for a session whose client's streams a pool opens, up to the session's end.</summary>
    public Task CarryForPoolAsync(CancellationToken stop) => Task.WhenAll(
        Many(AcceptorsPerSide, () => AcceptAsync(true, CancellationToken.None)),
        Many(AcceptorsPerSide, () => AcceptAsync(false, CancellationToken.None)),
        Many(OpenersPerSide, () => OpenAsync(false, stop)));

    /// <summary>How a stream is opened for a conversation.</summary>
    public static MuxadoStreamOptions ChooseOptions(Conversation conversation, Dice dice)
    {
        var isMute = dice.Chance(0.05);
        if (isMute)
            conversation.Mute();
        return new MuxadoStreamOptions { StreamType = conversation.Number, Priority = (uint)dice.Between(0, 3), CompleteWrites = isMute };
    }

    private static Task Many(int count, Func<Task> runAsync) => Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(runAsync)));

    private async Task WaitUntilIdleAsync()
    {
        while (!IsOver && client.ActiveStreams + server.ActiveStreams > 0)
            await Task.Delay(s_idlePause);
    }

    private async Task OpenAsync(bool onClient, CancellationToken stop)
    {
        using var worker = new Worker(context);
        while (!stop.IsCancellationRequested)
        {
            var conversation = context.Begin();
            try
            {
                var dice = context.DiceFor(conversation.Number, salt: 0);
                var options = ChooseOptions(conversation, dice);
                MuxadoStream stream;
                try
                {
                    stream = dice.Chance(0.3)
                        ? await SideOf(onClient).OpenStreamAsync(options, CancellationToken.None)
                        : SideOf(onClient).OpenStream(options);
                }
                catch (MuxadoException failure)
                {
                    if (Explain(failure, onClient, isStream: false) is { } wrong)
                        context.Tally.Report($"opening a stream on the {SideName(onClient)} of {this}: {wrong}");
                    return;
                }

                var failed = await StreamEnd.Create(worker, this, onClient, conversation, isOpener: true, stream, options.CompleteWrites).RunAsync();
                if (failed is MuxadoException { IsRetrySafe: true })
                    await PauseAfterRefusalAsync(stop);
            }
            finally
            {
                context.End(conversation);
            }
        }
    }

    private async Task PauseAfterRefusalAsync(CancellationToken stop)
    {
        context.Tally.CountRetried();
        await Task.Delay(s_refusedPause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AcceptAsync(bool onClient, CancellationToken stop)
    {
        using var worker = new Worker(context);
        while (true)
        {
            MuxadoStreamHandle accepted;
            try
            {
                accepted = await SideOf(onClient).AcceptHandleAsync(stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (MuxadoException failure)
            {
                if (Explain(failure, onClient, isStream: false) is { } wrong)
                    context.Tally.Report($"accepting a stream on the {SideName(onClient)} of {this}: {wrong}");
                return;
            }

            var stream = accepted.AsStream();
            if (context.Find(stream.StreamType) is not { } conversation)
                await HearUnseenAsync(worker, stream);
            else if (conversation.TryAccept())
                await StreamEnd.Create(worker, this, onClient, conversation, isOpener: false, stream).RunAsync();
            else
                context.Tally.Report($"stream {conversation.Number} on {this} was accepted although it was accepted before, or said to be safe to retry");
        }
    }

    /// <summary>The opener left before the stream was accepted: what it said cannot be checked, but it must end.</summary>
    private async Task HearUnseenAsync(Worker worker, MuxadoStream stream)
    {
        context.Tally.CountUnseenStream();
        worker.Reads.Subject = this;
        worker.Reads.Begin("a read of a stream whose opener has left");
        try
        {
            while (await stream.ReadAsync(worker.ReadMemory) > 0)
            {
            }
        }
        catch (MuxadoException)
        {
            // Reset, or its session is over.
        }
        finally
        {
            worker.Reads.End();
            await stream.DisposeAsync();
        }
    }
}
