using System.Collections.Concurrent;

namespace Muxado.Fast.Bench.Soak;

/// <summary>A pool whose sessions end again and again, and which is closed at the end of each round while streams are opened on it.</summary>
internal sealed class PooledLane(SoakContext context, LinkFactory factory, LinkKind kind) : Lane(context, factory, kind)
{
    private const int Users = 6;

    private static readonly TimeSpan s_idlePause = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentDictionary<Link, bool> _links = new();
    private volatile bool _isClosing;

    public override async Task RunAsync(CancellationToken stop)
    {
        _isClosing = false;
        var pool = new MuxadoSessionPool(token => DialAsync(stop, token), new()
        {
            MaxSessions = 2,
            MaxStreamsPerSession = 4,
            IdleTimeout = Timeout.InfiniteTimeSpan,
            InitialBackoff = TimeSpan.FromMilliseconds(1),
            MaxBackoff = TimeSpan.FromMilliseconds(20),
        });
        var users = Enumerable.Range(0, Users).Select(_ => new PoolUser(Context, Factory, pool)).ToList();
        var working = Task.WhenAll(users.Select(user => Task.Run(user.RunAsync, CancellationToken.None)));
        while (!stop.IsCancellationRequested)
        {
            await WaitAsync(Dice.Milliseconds(0, 700), stop);
            if (!stop.IsCancellationRequested && _links.Keys.ToList() is { Count: > 0 } links)
                await EndAsync(links[Dice.Between(0, links.Count - 1)]);
        }

        await CloseAsync(pool, users);
        await working;
        await Context.Watchdog.WatchAsync(WaitUntilOverAsync(), "the end of all sessions", this);
    }

    public override string ToString() => $"a pool over {Kind}";

    private async ValueTask<MuxadoSession> DialAsync(CancellationToken stop, CancellationToken cancellationToken)
    {
        var link = await Factory.DialAsync(Kind, Context.DiceFor(Context.NextNumber(), salt: 0), cancellationToken);
        _links[link] = true;

        // One of two: the pool that closes sees the link, or the link sees that it closes.
        if (_isClosing)
            NoteClosing(link);
        _ = CarryAsync(link, stop);
        return link.Client;
    }

    private async Task CarryAsync(Link link, CancellationToken stop)
    {
        try
        {
            await link.CarryForPoolAsync(stop);
            await link.WaitUntilOverAsync();
        }
        catch (Exception failure)
        {
            Context.Tally.Report($"{link} was not carried to its end: {failure}");
        }
        finally
        {
            _links.TryRemove(link, out _);
        }
    }

    private async Task WaitUntilOverAsync()
    {
        while (!_links.IsEmpty)
            await Task.Delay(s_idlePause);
    }

    private async Task EndAsync(Link link)
    {
        // Once it is going away, the pool lets its last streams finish and closes it.
        link.NoteClientMayShutDown();
        await link.EndAsync(Dice);
    }

    private async Task CloseAsync(MuxadoSessionPool pool, List<PoolUser> users)
    {
        Context.Tally.Count(Disturbance.ClosePool);
        users.ForEach(user => user.PoolMayBeClosed = true);
        _isClosing = true;
        foreach (var link in _links.Keys)
            NoteClosing(link);
        if (Dice.Chance(0.5))
            await Context.Watchdog.WatchAsync(pool.ShutdownAsync().AsTask(), "the shutdown", this);
        else
            await Context.Watchdog.WatchAsync(pool.DisposeAsync().AsTask(), "the disposal", this);
    }

    // A session that was just dialled is closed, however gently the pool treats those that it uses.
    private static void NoteClosing(Link link)
    {
        link.NoteClientMayShutDown();
        link.NoteClientMayClose();
    }
}
