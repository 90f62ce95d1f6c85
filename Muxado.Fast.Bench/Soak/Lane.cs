using Muxado.Fast.Bench.Chance;

namespace Muxado.Fast.Bench.Soak;

/// <summary>One of the places for sessions of a soak. It works in rounds, and is idle between them.</summary>
internal abstract class Lane(SoakContext context, LinkFactory factory, LinkKind kind)
{
    protected SoakContext Context => context;

    protected LinkFactory Factory => factory;

    protected LinkKind Kind => kind;

    /// <summary>Choices of this lane's own.</summary>
    protected Dice Dice { get; } = context.DiceFor(context.NextNumber(), salt: 0);

    /// <summary>The sessions of a soak: a quarter of them last as long as it does, a quarter belong to pools, and the rest end again and again.</summary>
    public static List<Lane> CreateMany(int count, SoakContext context, LinkFactory factory) => [.. Enumerable.Range(0, count).Select(i =>
    {
        var kind = (i / 4) % 5 == 4 ? LinkKind.TightTcp : (i / 4 + i) % 2 == 0 ? LinkKind.Tcp : LinkKind.Tls;
        return (Lane)((i % 4) switch
        {
            0 => new LastingLane(context, factory, kind),
            1 => new PooledLane(context, factory, kind),
            _ => new BriefLane(context, factory, kind),
        });
    })];

    /// <summary>Works until <paramref name="stop"/>, and ends when nothing is under way.</summary>
    public abstract Task RunAsync(CancellationToken stop);

    /// <summary>The sessions that stay open between the rounds.</summary>
    public virtual IEnumerable<MuxadoSession> Idle => [];

    public virtual Task CloseAsync() => Task.CompletedTask;

    protected static async Task WaitAsync(TimeSpan time, CancellationToken stop) =>
        await Task.Delay(time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
