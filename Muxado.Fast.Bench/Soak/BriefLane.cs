namespace Muxado.Fast.Bench.Soak;

/// <summary>One session after the other: each is ended, in one of all the ways there are, while its streams are in use.</summary>
internal sealed class BriefLane(SoakContext context, LinkFactory factory, LinkKind kind) : Lane(context, factory, kind)
{
    public override async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (await DialAsync() is not { } link)
                continue;
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var carrying = link.CarryAsync(over.Token);
            await WaitAsync(Dice.Milliseconds(0, Dice.Chance(0.8) ? 1_500 : 5), stop);
            await link.EndAsync(Dice);
            await over.CancelAsync();
            await carrying;
        }
    }

    /// <summary>Null: cancelled.</summary>
    private async Task<Link?> DialAsync()
    {
        if (Dice.Chance(0.8))
            return await Factory.DialAsync(Kind, Dice, CancellationToken.None);

        using var patience = new CancellationTokenSource(Dice.Milliseconds(0, 4));
        try
        {
            return await Factory.DialAsync(Kind, Dice, patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            Context.Tally.Count(Disturbance.CancelDial);
            return null;
        }
    }
}
