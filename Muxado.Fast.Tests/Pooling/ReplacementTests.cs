using System.Net;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Pooling;

[CancelAfter(60_000)]
public sealed class ReplacementTests
{
    private static readonly MuxadoSessionPoolOptions s_quick = new() { InitialBackoff = TimeSpan.FromMilliseconds(5), MaxBackoff = TimeSpan.FromMilliseconds(50) };

    [Test]
    public async Task When_the_server_goes_away_live_streams_finish_and_new_ones_go_to_a_new_session([Values(TransportKind.Memory, TransportKind.Tcp)] TransportKind kind)
    {
        await using var server = new PoolServer(kind);
        await using var pool = new MuxadoSessionPool(server.DialAsync, s_quick);
        await using var live = await pool.OpenStreamAsync().Soon();
        await live.WriteAsync(Pattern.Bytes(100)).Soon();
        await live.ReadExactlyAsync(new byte[100]).Soon();
        var old = server.Pairs[0];

        await old.Server.GoAwayAsync().Soon();
        await Timing.Until(() => pool.State is { ReadySessions: 1, DrainingSessions: 1 }, "the session is replaced");

        await using var next = await pool.OpenStreamAsync().Soon();
        Assert.That(next.Session, Is.SameAs(server.Pairs[1].Client).And.Not.SameAs(live.Session));
        Assert.That(await PoolServer.AskAsync(next).Soon(), Is.True);
        Assert.That(old.Client.Completion.IsCompleted, Is.False);
        await live.WriteAsync(Pattern.Bytes(50_000), completeWrites: true).Soon();
        Assert.That(await Pattern.VerifyToEndAsync(live), Is.EqualTo(50_000));
        await live.DisposeAsync();

        Assert.That((await old.Client.Completion.Soon()).Error, Is.EqualTo(MuxadoError.None));
        await Timing.Until(() => pool.State.DrainingSessions == 0, "the old session is closed");
    }

    [Test]
    public async Task A_replacement_is_dialled_without_anybody_asking_for_it()
    {
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync, s_quick);
        await (await pool.OpenStreamAsync().Soon()).DisposeAsync();

        server.Pairs[0].Server.Abort();

        await Timing.Until(() => server.Dials == 2 && pool.State.ReadySessions == 1, "the session is replaced");
    }

    [Test]
    public async Task No_operation_is_lost_while_sessions_go_away_under_load([Values(TransportKind.Memory, TransportKind.Tcp)] TransportKind kind)
    {
        await using var server = new PoolServer(kind);
        await using var pool = new MuxadoSessionPool(
            server.DialAsync, new() { MaxStreamsPerSession = 16, InitialBackoff = TimeSpan.FromMilliseconds(5), MaxRetries = 20 });
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 20).Select(_ => Task.Run(() => AskUntilAsync(pool, stop.Token))).ToList();
        await Timing.Until(() => pool.State.ReadySessions > 0, "there is a session");

        for (var i = 0; i < 20; i++)
        {
            await Task.Delay(30);
            var newest = server.Pairs[^1].Server;
            if (i % 2 == 0)
                await newest.GoAwayAsync().Soon();
            else
                _ = newest.ShutdownAsync().AsTask();
        }

        await stop.CancelAsync();
        var counts = await Task.WhenAll(load).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That(counts, Has.All.GreaterThan(5));
        Assert.That(server.Dials, Is.GreaterThan(5));
    }

    [Test]
    public async Task No_operation_is_lost_while_a_server_restarts_in_order_under_load()
    {
        var listener = await MuxadoListener.ListenAsync(new() { ListenEndPoint = new IPEndPoint(IPAddress.Loopback, 0) });
        var address = listener.LocalEndPoint;
        await using var pool = new MuxadoSessionPool(
            new MuxadoClientOptions { RemoteEndPoint = address }, new() { InitialBackoff = TimeSpan.FromMilliseconds(5), MaxBackoff = TimeSpan.FromMilliseconds(50), MaxRetries = 20 });
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 10).Select(_ => Task.Run(() => AskUntilAsync(pool, stop.Token))).ToList();

        for (var restart = 0; restart < 5; restart++)
        {
            var session = await listener.AcceptSessionAsync().Soon();
            var serving = PoolServer.ServeAsync(session);
            await Task.Delay(100);
            await listener.DisposeAsync();
            await session.ShutdownAsync().Soon();
            await serving.Soon();
            await Task.Delay(60); // Nobody listens.
            listener = await MuxadoListener.ListenAsync(new() { ListenEndPoint = address });
        }

        var last = await listener.AcceptSessionAsync().Soon();
        var servingLast = PoolServer.ServeAsync(last);
        await Task.Delay(100);
        await stop.CancelAsync();
        var counts = await Task.WhenAll(load).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That(counts, Has.All.GreaterThan(5));
        await pool.DisposeAsync();
        await servingLast.Soon();
        await last.DisposeAsync();
        await listener.DisposeAsync();
    }

    [Test]
    public async Task An_open_finds_the_replacement_however_the_session_ended([Range(0, 3)] int ending)
    {
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync, s_quick);
        await (await pool.OpenStreamAsync().Soon()).DisposeAsync();
        var pair = server.Pairs[0];
        switch (ending)
        {
            case 0:
                pair.Client.Abort();
                break;
            case 1:
                await pair.Client.CloseAsync().Soon();
                break;
            case 2:
                _ = pair.Client.ShutdownAsync().AsTask();
                break;
            default:
                await pair.Server.CloseAsync(MuxadoErrorCode.InternalError).Soon();
                await pair.Client.Completion.Soon();
                break;
        }

        await using var next = await pool.OpenStreamAsync().Soon();

        Assert.That(next.Session, Is.SameAs(server.Pairs[1].Client));
        Assert.That(await PoolServer.AskAsync(next).Soon(), Is.True);
    }

    /// <summary>Asks, one question after the other, and counts. Every answer must come.</summary>
    private static async Task<int> AskUntilAsync(MuxadoSessionPool pool, CancellationToken stop)
    {
        var count = 0;
        while (!stop.IsCancellationRequested)
        {
            Assert.That(await pool.ExecuteAsync(PoolServer.AskAsync, cancellationToken: CancellationToken.None), Is.True);
            count++;
        }

        return count;
    }
}
