namespace Muxado.Fast.Bench.Soak;

/// <summary>A session that lives as long as the soak, so that what it would keep of its streams adds up.</summary>
internal sealed class LastingLane(SoakContext context, LinkFactory factory, LinkKind kind) : Lane(context, factory, kind)
{
    private Link? _link;

    public override IEnumerable<MuxadoSession> Idle => _link is null ? [] : [_link.Client, _link.Server];

    public override async Task RunAsync(CancellationToken stop)
    {
        _link ??= await Factory.DialAsync(Kind, Dice, CancellationToken.None);
        await _link.CarryAsync(stop);
        if (_link.IsOver)
            Context.Tally.Report($"{_link} has ended, and nobody has ended it: {(await _link.Client.Completion).Exception}");
    }

    public override async Task CloseAsync()
    {
        if (_link is null)
            return;
        await _link.EndAsync(Dice);
        _link = null;
    }
}
