using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Pooling;

[CancelAfter(30_000)]
public sealed class ClosingTests
{
    [Test]
    public async Task Disposing_fails_those_who_wait_for_room_and_closes_the_sessions()
    {
        await using var server = new PoolServer();
        var pool = new MuxadoSessionPool(server.DialAsync, new() { MaxSessions = 1, MaxStreamsPerSession = 1 });
        await using var only = await pool.OpenStreamAsync().Soon();
        var reading = only.ReadAsync(new byte[1]).AsTask();
        var waiting = Enumerable.Range(0, 5).Select(_ => pool.OpenStreamAsync().AsTask()).ToList();

        await pool.DisposeAsync().Soon();

        foreach (var open in waiting)
            Assert.That((await Fails.With<ObjectDisposedException>(open)).Message, Does.Contain("while this open waited"));
        await Fails.With(MuxadoError.SessionClosed, reading);
        Assert.That((await server.Pairs[0].Client.Completion.Soon()).Error, Is.EqualTo(MuxadoError.None));
        var state = pool.State;
        Assert.That((state.IsClosed, state.ReadySessions, state.DrainingSessions, state.DiallingSessions, state.WaitingOpens), Is.EqualTo((true, 0, 0, 0, 0)));
    }

    [Test]
    public async Task Disposing_ends_a_dial_that_is_under_way()
    {
        await using var server = new PoolServer { OnDial = (_, token) => Task.Delay(Timeout.Infinite, token) };
        var pool = new MuxadoSessionPool(server.DialAsync);
        var opening = pool.OpenStreamAsync().AsTask();
        await Timing.Until(() => server.Dials == 1, "the dial is under way");

        await pool.DisposeAsync().Soon();

        await Fails.With<ObjectDisposedException>(opening);
    }

    [Test]
    public async Task Disposing_ends_a_pause_between_two_dials()
    {
        await using var server = new PoolServer { OnDial = (_, _) => Task.FromException(new IOException("nobody is there")) };
        var pool = new MuxadoSessionPool(server.DialAsync, new() { InitialBackoff = TimeSpan.FromHours(1), MaxBackoff = TimeSpan.FromHours(1) });
        var opening = pool.OpenStreamAsync().AsTask();
        await Timing.Until(() => pool.State.NextAttempt is not null, "the pool pauses");

        await pool.DisposeAsync().Soon();

        await Fails.With<ObjectDisposedException>(opening);
        Assert.That(pool.State.NextAttempt, Is.Null);
    }

    [Test]
    public async Task A_dials_callback_that_throws_keeps_the_pool_from_nothing([Values] bool gracefully)
    {
        var isWaiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new PoolServer
        {
            OnDial = async (dial, token) =>
            {
                if (dial == 1)
                    return;
                using var registration = token.Register(() => throw new InvalidOperationException("of the application"));
                isWaiting.SetResult();
                await Task.Delay(Timeout.Infinite, token);
            },
        };
        var pool = new MuxadoSessionPool(server.DialAsync, new() { MinSessions = 2 });
        Assert.That(await pool.ExecuteAsync(PoolServer.AskAsync).Soon(), Is.True);
        await isWaiting.Task.Soon();

        await (gracefully ? pool.ShutdownAsync() : pool.DisposeAsync()).Soon();

        Assert.That((await server.Pairs[0].Client.Completion.Soon()).Error, Is.EqualTo(MuxadoError.None));
        Assert.That(pool.State.DiallingSessions, Is.Zero);
    }

    [Test]
    public async Task A_session_that_is_made_while_the_pool_closes_is_closed_too()
    {
        var release = new TaskCompletionSource();
        await using var server = new PoolServer { OnDial = (_, _) => release.Task };
        var pool = new MuxadoSessionPool(server.DialAsync);
        var opening = pool.OpenStreamAsync().AsTask();
        await Timing.Until(() => server.Dials == 1, "the dial is under way");

        var disposing = pool.DisposeAsync().AsTask();
        await Fails.With<ObjectDisposedException>(opening);
        release.SetResult();

        await disposing.Soon();
        Assert.That(server.Pairs[0].Client.Completion.IsCompleted, Is.True);
    }

    [Test]
    public async Task A_closed_pool_opens_nothing_and_can_be_closed_again([Values] bool gracefully)
    {
        await using var server = new PoolServer();
        var pool = new MuxadoSessionPool(server.DialAsync);
        await (await pool.OpenStreamAsync().Soon()).DisposeAsync();
        await (gracefully ? pool.ShutdownAsync() : pool.DisposeAsync()).Soon();

        await Fails.With<ObjectDisposedException>(() => pool.OpenStreamAsync().AsTask());
        await Fails.With<ObjectDisposedException>(() => pool.OpenHandleAsync().AsTask());
        await Fails.With<ObjectDisposedException>(() => pool.ExecuteAsync(PoolServer.AskAsync).AsTask());
        await pool.ShutdownAsync().Soon();
        await pool.DisposeAsync().Soon();
        await pool.DisposeAsync().Soon();
        Assert.That(server.Dials, Is.EqualTo(1));
    }

    [Test]
    public async Task A_pool_that_was_never_used_closes_at_once([Values] bool gracefully)
    {
        await using var server = new PoolServer();
        var pool = new MuxadoSessionPool(server.DialAsync);

        await (gracefully ? pool.ShutdownAsync() : pool.DisposeAsync()).Soon();

        Assert.That(server.Dials, Is.Zero);
    }

    [Test]
    public async Task Shutting_down_lets_live_streams_finish_on_every_session_and_fails_those_who_wait()
    {
        await using var server = new PoolServer();
        var pool = new MuxadoSessionPool(server.DialAsync, new() { MaxSessions = 2, MaxStreamsPerSession = 2 });
        var streams = new List<MuxadoStream>();
        for (var i = 0; i < 4; i++)
            streams.Add(await pool.OpenStreamAsync().Soon());
        var waiting = pool.OpenStreamAsync().AsTask();

        var shutdown = pool.ShutdownAsync().AsTask();

        await Fails.With<ObjectDisposedException>(waiting);
        await Timing.StaysPending(shutdown, "A shutdown with live streams");
        foreach (var stream in streams)
        {
            Assert.That(await PoolServer.AskAsync(stream).Soon(), Is.True);
            await stream.DisposeAsync();
        }

        await shutdown.Soon();
        foreach (var pair in server.Pairs)
            Assert.That((await pair.Client.Completion.Soon()).Error, Is.EqualTo(MuxadoError.None));
    }

    [Test]
    public async Task Cancelling_a_shutdown_aborts_the_sessions()
    {
        await using var server = new PoolServer();
        var pool = new MuxadoSessionPool(server.DialAsync);
        await using var live = await pool.OpenStreamAsync().Soon();
        var reading = live.ReadAsync(new byte[1]).AsTask();
        using var cancellation = new CancellationTokenSource();
        var shutdown = pool.ShutdownAsync(cancellation.Token).AsTask();
        await Timing.StaysPending(shutdown, "A shutdown with a live stream");

        await cancellation.CancelAsync();

        await Fails.With<OperationCanceledException>(shutdown);
        await Fails.With(MuxadoError.SessionAborted, reading);
    }

    [Test]
    public async Task Disposing_cuts_a_shutdown_short()
    {
        await using var server = new PoolServer();
        var pool = new MuxadoSessionPool(server.DialAsync);
        await using var live = await pool.OpenStreamAsync().Soon();
        var shutdown = pool.ShutdownAsync().AsTask();
        await Timing.StaysPending(shutdown, "A shutdown with a live stream");

        await pool.DisposeAsync().Soon();

        await shutdown.Soon();
    }

    [Test]
    public async Task Closing_takes_along_sessions_whose_last_streams_go_on()
    {
        await using var server = new PoolServer();
        var pool = new MuxadoSessionPool(server.DialAsync, new() { InitialBackoff = TimeSpan.FromMilliseconds(5) });
        await using var live = await pool.OpenStreamAsync().Soon();
        await live.WriteAsync(new byte[1]).Soon();
        await live.ReadExactlyAsync(new byte[1]).Soon();
        await server.Pairs[0].Server.GoAwayAsync().Soon();
        await Timing.Until(() => pool.State.DrainingSessions == 1, "the session takes no more streams");

        await pool.DisposeAsync().Soon();

        Assert.That(server.Pairs.All(pair => pair.Client.Completion.IsCompleted), Is.True);
        Assert.That(pool.State.DrainingSessions, Is.Zero);
    }

    [Test]
    public async Task Disposing_races_with_opens_and_each_of_them_ends([Range(0, 9)] int round)
    {
        await using var server = new PoolServer { OnDial = (_, token) => Task.Delay(round, token) };
        var pool = new MuxadoSessionPool(server.DialAsync, new() { MaxSessions = 2, MaxStreamsPerSession = 2 });
        var opens = Enumerable.Range(0, 20).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                await using var stream = await pool.OpenStreamAsync();
                await PoolServer.AskAsync(stream);
            }
        })).ToList();

        await Task.Delay(2 * round);
        await pool.DisposeAsync().Soon();

        foreach (var open in opens)
        {
            try
            {
                await open.Soon();
            }
            catch (Exception failure) when (Fails.IsOrderly(failure))
            {
                // it ended
            }
        }
    }

    [Test]
    public async Task Changes_are_told_one_at_a_time_and_a_handler_that_throws_harms_nobody()
    {
        await using var server = new PoolServer { OnDial = (dial, _) => dial == 1 ? Task.FromException(new IOException("nobody is there")) : Task.CompletedTask };
        var pool = new MuxadoSessionPool(server.DialAsync, new() { InitialBackoff = TimeSpan.FromMilliseconds(20) });
        var (running, sawError, sawReady, sawClosed, overlapped) = (0, false, false, false, false);
        pool.StateChanged += (sender, _) =>
        {
            overlapped |= Interlocked.Increment(ref running) > 1;
            var state = ((MuxadoSessionPool)sender!).State;
            sawError |= state is { LastError: not null, NextAttempt: not null };
            sawReady |= state.ReadySessions == 1;
            sawClosed |= state.IsClosed;
            Interlocked.Decrement(ref running);
            throw new InvalidOperationException("a mistake of the handler");
        };

        await (await pool.OpenStreamAsync().Soon()).DisposeAsync();
        await Timing.Until(() => sawError && sawReady, "the failure and the session were told");
        await pool.DisposeAsync().Soon();

        await Timing.Until(() => sawClosed, "the end was told");
        Assert.That(overlapped, Is.False);
    }
}
