using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Muxado.Fast.Pooling;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Pooling;

[CancelAfter(30_000)]
public sealed class DiallingTests
{
    private static readonly IOException s_unreachable = new("nobody is there");

    [Test]
    public async Task A_server_that_cannot_be_reached_is_dialled_again_after_growing_pauses_and_the_open_waits_for_it()
    {
        var clock = new ManualTimeProvider();
        await using var server = new PoolServer { OnDial = (dial, _) => dial <= 12 ? Task.FromException(s_unreachable) : Task.CompletedTask };
        await using var pool = new MuxadoSessionPool(server.DialAsync, Options(clock));
        var opening = pool.OpenStreamAsync().AsTask();

        for (var attempt = 0; attempt < 12; attempt++)
        {
            var pause = await PauseAsync(clock, server, dials: attempt + 1);
            var full = Math.Min(0.1 * Math.Pow(2, attempt), 30);
            Assert.That(pause.TotalSeconds, Is.InRange((full / 2) - 0.001, full), $"pause {attempt}");
            var state = pool.State;
            Assert.That((state.DiallingSessions, state.WaitingOpens, state.LastError), Is.EqualTo((1, 1, s_unreachable)));
            Assert.That(state.NextAttempt - clock.GetUtcNow(), Is.EqualTo(pause).Within(TimeSpan.FromMilliseconds(1)));
            clock.Advance(pause);
        }

        await using var stream = await opening.Soon();
        Assert.That(await PoolServer.AskAsync(stream).Soon(), Is.True);
        var after = pool.State;
        Assert.That((server.Dials, after.ReadySessions, after.LastError, after.NextAttempt), Is.EqualTo((13, 1, (Exception?)null, (DateTimeOffset?)null)));
    }

    [Test]
    public void Pauses_differ_between_clients_at_the_cap_too()
    {
        var options = new MuxadoSessionPoolOptions();
        foreach (var attempt in new[] { 0, 5, 20, 1100, int.MaxValue - 1 })
        {
            var full = Math.Min(0.1 * Math.Pow(2, attempt), 30);
            var pauses = Enumerable.Range(0, 1_000).Select(_ => Backoff.Delay(options, attempt).TotalSeconds).ToList();

            Assert.That(pauses, Has.All.InRange((full / 2) - 0.001, full));
            Assert.That(pauses.Min(), Is.LessThan(full * 0.6));
            Assert.That(pauses.Max(), Is.GreaterThan(full * 0.9));
        }
    }

    [Test]
    public async Task The_open_gives_up_after_its_timeout_and_says_why_nothing_could_be_dialled()
    {
        var clock = new ManualTimeProvider();
        await using var server = new PoolServer { OnDial = (_, _) => Task.FromException(s_unreachable) };
        await using var pool = new MuxadoSessionPool(server.DialAsync, new() { TimeProvider = clock, OpenTimeout = TimeSpan.FromMilliseconds(20) });
        var opening = pool.OpenStreamAsync().AsTask();
        await Timing.Until(() => pool.State.LastError is not null, "the dial has failed");

        clock.Advance(TimeSpan.FromMilliseconds(20));

        var failure = await Fails.With(MuxadoError.DeadlineExceeded, opening);
        Assert.That(failure.Message, Does.Contain("OpenTimeout").And.Contain("nobody is there"));
        Assert.That((failure.IsRetrySafe, failure.InnerException), Is.EqualTo((true, s_unreachable)));
    }

    [Test]
    public async Task An_open_can_be_cancelled_while_the_dial_is_under_way_and_while_it_pauses([Values] bool pausing)
    {
        var release = new TaskCompletionSource();
        var clock = new ManualTimeProvider();
        await using var server = new PoolServer { OnDial = (dial, _) => pausing && dial == 1 ? Task.FromException(s_unreachable) : release.Task };
        await using var pool = new MuxadoSessionPool(server.DialAsync, Options(clock));
        using var cancellation = new CancellationTokenSource();
        var opening = pool.OpenStreamAsync(cancellationToken: cancellation.Token).AsTask();
        await Timing.Until(() => server.Dials == 1 && (!pausing || pool.State.NextAttempt is not null), "the dial is under way, or pauses");

        await cancellation.CancelAsync();

        await Fails.With<OperationCanceledException>(opening);
        release.SetResult();
        if (pausing)
            clock.Advance(await PauseAsync(clock, server, dials: 1));
        await using var next = await pool.OpenStreamAsync().Soon();
        Assert.That(server.Dials, Is.EqualTo(pausing ? 2 : 1), "the dial went on for the next");
    }

    [Test]
    public async Task Without_sessions_to_keep_dialling_stops_when_nobody_waits_any_more()
    {
        var clock = new ManualTimeProvider();
        await using var server = new PoolServer { OnDial = (_, _) => Task.FromException(s_unreachable) };
        await using var pool = new MuxadoSessionPool(server.DialAsync, Options(clock, min: 0));
        using var cancellation = new CancellationTokenSource();
        var opening = pool.OpenStreamAsync(cancellationToken: cancellation.Token).AsTask();
        var pause = await PauseAsync(clock, server, dials: 1);
        await cancellation.CancelAsync();
        await Fails.With<OperationCanceledException>(opening);

        clock.Advance(pause);

        await Timing.Until(() => pool.State.DiallingSessions == 0, "the slot is free");
        Assert.That(server.Dials, Is.EqualTo(1));
    }

    [Test]
    public async Task A_dial_that_takes_too_long_is_ended_and_counts_as_failed()
    {
        var clock = new ManualTimeProvider();
        await using var server = new PoolServer { OnDial = (dial, token) => dial == 1 ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask };
        await using var pool = new MuxadoSessionPool(server.DialAsync, Options(clock));
        var opening = pool.OpenStreamAsync().AsTask();
        await Timing.Until(() => server.Dials == 1, "the dial is under way");

        clock.Advance(TimeSpan.FromSeconds(10));

        var pause = await PauseAsync(clock, server, dials: 1);
        Assert.That(pool.State.LastError, Is.InstanceOf<TimeoutException>().With.Message.Contains("10 s (DialTimeout)"));
        clock.Advance(pause);
        await (await opening.Soon()).DisposeAsync();
    }

    [Test]
    public async Task A_dial_function_that_cancels_itself_or_returns_nothing_has_failed()
    {
        var clock = new ManualTimeProvider();
        await using var server = new PoolServer();
        var dials = 0;
        await using var pool = new MuxadoSessionPool(
            token => ++dials switch
            {
                1 => throw new TaskCanceledException("its own timeout"),
                2 => new ValueTask<MuxadoSession>((MuxadoSession)null!),
                _ => server.DialAsync(token),
            },
            Options(clock));
        var opening = pool.OpenStreamAsync().AsTask();

        clock.Advance(await PauseAsync(clock, () => pool.State.LastError is TaskCanceledException));
        clock.Advance(await PauseAsync(clock, () => pool.State.LastError is InvalidOperationException));

        await (await opening.Soon()).DisposeAsync();
    }

    [Test]
    public async Task A_session_that_is_handed_out_twice_is_turned_down()
    {
        var clock = new ManualTimeProvider();
        await using var pair = await SessionPair.ConnectAsync();
        await using var first = new MuxadoSessionPool(_ => new ValueTask<MuxadoSession>(pair.Client), Options(clock));
        await using var second = new MuxadoSessionPool(_ => new ValueTask<MuxadoSession>(pair.Client), Options(clock));
        await (await first.OpenStreamAsync().Soon()).DisposeAsync();

        var opening = second.OpenStreamAsync().AsTask();

        await Timing.Until(() => second.State.LastError is InvalidOperationException, "the dial has failed");
        Assert.That(opening.IsCompleted, Is.False);
        await second.DisposeAsync();
        await Fails.With<ObjectDisposedException>(opening);
    }

    [Test]
    public async Task Sessions_that_end_right_after_they_are_made_are_dialled_again_after_growing_pauses([Values] bool bySayingGoodbye)
    {
        var clock = new ManualTimeProvider();
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync, Options(clock, max: 4));
        await (await pool.OpenStreamAsync().Soon()).DisposeAsync();

        for (var attempt = 0; attempt < 8; attempt++)
        {
            await Timing.Until(() => pool.State.ReadySessions == 1, "there is a session");
            var last = server.Pairs[^1].Server;
            if (bySayingGoodbye)
                _ = last.ShutdownAsync().AsTask();
            else
                last.Abort();

            // A session that drains has a timer, too, and has ended soon.
            var pause = await PauseAsync(clock, () => server.Dials == attempt + 1 && pool.State.DrainingSessions == 0);
            var full = 0.1 * Math.Pow(2, attempt);
            Assert.That(pause.TotalSeconds, Is.InRange((full / 2) - 0.001, full), $"pause {attempt}");
            Assert.That(pool.State.LastError?.Message, Does.Contain("took streams for only"));
            clock.Advance(pause);
        }
    }

    [Test]
    public async Task A_session_that_has_lasted_is_replaced_at_once()
    {
        var clock = new ManualTimeProvider();
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync, Options(clock));
        await (await pool.OpenStreamAsync().Soon()).DisposeAsync();

        for (var dials = 2; dials < 6; dials++)
        {
            clock.Advance(SessionSlot.ProvingTime);
            server.Pairs[^1].Server.Abort();

            await using var stream = await OpenedOnAsync(pool, dials, server);
            Assert.That(await PoolServer.AskAsync(stream).Soon(), Is.True);
        }
    }

    [Test]
    public async Task A_session_that_has_lasted_is_replaced_at_once_although_others_pause()
    {
        var clock = new ManualTimeProvider();
        var isReachable = true;
        await using var server = new PoolServer { OnDial = (dial, _) => dial == 1 || Volatile.Read(ref isReachable) ? Task.CompletedTask : Task.FromException(s_unreachable) };
        var options = Options(clock, max: 3);
        options.MaxStreamsPerSession = 2;
        await using var pool = new MuxadoSessionPool(server.DialAsync, options);
        Volatile.Write(ref isReachable, false);
        await using var live = await pool.OpenStreamAsync().Soon(); // Half of the cap: another session is wanted, and cannot be had.
        await Timing.Until(() => Pauses(1), "the second session's slot pauses");
        clock.Advance(SessionSlot.ProvingTime);
        await Timing.Until(() => Pauses(1), "it pauses again");
        var dials = server.Dials;

        await server.Pairs[0].Server.GoAwayAsync().Soon();

        await Timing.Until(() => server.Dials > dials && Pauses(2), "the replacement is dialled, and pauses too");
        // A slot that has lost nothing waits for these pauses as ever.
        var opening = pool.OpenStreamAsync().AsTask();
        await Timing.StaysPending(opening, "An open while the server cannot be reached");
        Assert.That(server.Dials, Is.EqualTo(dials + 1));
        Volatile.Write(ref isReachable, true);
        clock.Advance(pool.State.NextAttempt!.Value - clock.GetUtcNow());
        await (await opening.Soon()).DisposeAsync();

        bool Pauses(int slots) => pool.State is var state && state.DiallingSessions == slots && state.NextAttempt > clock.GetUtcNow();
    }

    [Test]
    public async Task A_session_that_has_lasted_is_replaced_at_once_although_another_is_just_about_to_pause()
    {
        var clock = new ManualTimeProvider();
        var young = new TaskCompletionSource();
        using var slow = new HeldTimeProvider(clock);
        await using var server = new PoolServer { OnDial = (dial, _) => dial == 2 ? young.Task : Task.CompletedTask };
        var options = Options(clock, max: 2);
        options.TimeProvider = slow;
        options.MaxStreamsPerSession = 2;
        await using var pool = new MuxadoSessionPool(server.DialAsync, options);
        await using var live = await pool.OpenStreamAsync().Soon(); // Half of the cap: another session is wanted.
        await Timing.Until(() => server.Dials == 2, "it is dialled");
        clock.Advance(SessionSlot.ProvingTime);
        young.SetResult();
        await Timing.Until(() => pool.State.ReadySessions == 2, "both are there");

        slow.HoldNext(); // The slot of the young one asks how long it has lasted.
        server.Pairs[1].Server.Abort();
        await Timing.Until(() => slow.IsHolding, "its slot is about to find that it has not");
        server.Pairs[0].Server.Abort();
        await Timing.Until(() => pool.State.ReadySessions == 0, "the other one has ended too");
        await Task.Delay(50); // It has left the replacement to that slot.
        slow.Release();

        await using var stream = await OpenedOnAsync(pool, dials: 3, server);
        Assert.That(await PoolServer.AskAsync(stream).Soon(), Is.True);
    }

    [Test]
    public async Task The_dial_function_runs_in_nobodys_ambient_context()
    {
        var ambient = new AsyncLocal<string?>();
        var seen = new ConcurrentQueue<string?>();
        await using var server = new PoolServer
        {
            OnDial = (_, _) =>
            {
                seen.Enqueue(ambient.Value);
                return Task.CompletedTask;
            },
        };
        await using var pool = new MuxadoSessionPool(server.DialAsync, new() { InitialBackoff = TimeSpan.FromMilliseconds(5) });
        ambient.Value = "a request";
        await (await pool.OpenStreamAsync().Soon()).DisposeAsync();

        server.Pairs[0].Server.Abort();
        await Timing.Until(() => seen.Count == 2, "the session is replaced");

        Assert.That(seen, Is.EqualTo(new string?[] { null, null }));
    }

    [TestCase(1, 1)]
    [TestCase(15_000, 2)]
    public async Task An_idle_timeout_finer_than_a_timer_is_rounded_up(long ticks, int milliseconds)
    {
        var clock = new ManualTimeProvider();
        await using var server = new PoolServer();
        var options = Options(clock);
        options.IdleTimeout = TimeSpan.FromTicks(ticks);
        await using var pool = new MuxadoSessionPool(server.DialAsync, options);
        await (await pool.OpenStreamAsync().Soon()).DisposeAsync();
        var expected = TimeSpan.FromMilliseconds(milliseconds);

        for (var look = 0; look < 3; look++)
        {
            await Timing.Until(() => clock.UntilNextTimer == expected, "the pool waits before it looks again");
            clock.Advance(expected);
        }

        Assert.That((pool.State.ReadySessions, server.Dials), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task Sessions_beyond_those_to_keep_are_closed_when_nobody_uses_them()
    {
        var clock = new ManualTimeProvider();
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(
            server.DialAsync, new() { MaxSessions = 2, MaxStreamsPerSession = 2, TimeProvider = clock, IdleTimeout = TimeSpan.FromMinutes(1) });
        var streams = new List<MuxadoStream>();
        for (var i = 0; i < 4; i++)
            streams.Add(await pool.OpenStreamAsync().Soon());
        Assert.That(pool.State.ReadySessions, Is.EqualTo(2));

        await IdleAsync();
        Assert.That(pool.State.ReadySessions, Is.EqualTo(2), "both are in use");
        foreach (var stream in streams)
        {
            Assert.That(await PoolServer.AskAsync(stream).Soon(), Is.True);
            await stream.DisposeAsync();
        }

        await Timing.Until(() => pool.State.ActiveStreams == 0, "no stream is open");
        await IdleAsync();
        await IdleAsync();
        await Timing.Until(() => pool.State is { ReadySessions: 1, DrainingSessions: 0 }, "one session is left");
        await IdleAsync();
        Assert.That((pool.State.ReadySessions, server.Dials), Is.EqualTo((1, 2)));
        Assert.That(server.Pairs.Count(pair => pair.Client.Completion.IsCompleted), Is.EqualTo(1));

        async Task IdleAsync()
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            await Task.Delay(50);
        }
    }

    [Test]
    public async Task The_options_of_the_server_are_dialled_over_tcp_and_what_is_changed_later_has_no_effect()
    {
        await using var listener = await MuxadoListener.ListenAsync(new() { ListenEndPoint = new IPEndPoint(IPAddress.Loopback, 0) });
        var serving = Task.Run(async () => await PoolServer.ServeAsync(await listener.AcceptSessionAsync()));
        var server = new MuxadoClientOptions { RemoteEndPoint = listener.LocalEndPoint };
        await using (var pool = new MuxadoSessionPool(server))
        {
            server.RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 1);
            await using var stream = await pool.OpenStreamAsync().Soon();
            Assert.That(await PoolServer.AskAsync(stream).Soon(), Is.True);
        }

        await serving.Soon();
    }

    [Test]
    public async Task A_port_that_nobody_listens_on_shows_as_the_last_error()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // Bound, but nobody listens.
        await using var pool = new MuxadoSessionPool(
            new MuxadoClientOptions { RemoteEndPoint = taken.LocalEndPoint! }, new() { OpenTimeout = TimeSpan.FromMilliseconds(300) });

        var failure = await Fails.With(MuxadoError.DeadlineExceeded, () => pool.OpenStreamAsync().AsTask());

        Assert.That(failure.InnerException, Is.InstanceOf<SocketException>().With.Property("SocketErrorCode").EqualTo(SocketError.ConnectionRefused));
    }

    private static MuxadoSessionPoolOptions Options(ManualTimeProvider clock, int min = 1, int max = 1) => new()
    {
        TimeProvider = clock,
        MinSessions = min,
        MaxSessions = max,
        OpenTimeout = Timeout.InfiniteTimeSpan,
        IdleTimeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>How long the pause is that has begun after so many dials. It is the only timer then.</summary>
    private static Task<TimeSpan> PauseAsync(ManualTimeProvider clock, PoolServer server, int dials) =>
        PauseAsync(clock, () => server.Dials == dials);

    private static async Task<TimeSpan> PauseAsync(ManualTimeProvider clock, Func<bool> isReached)
    {
        // A dial's own timeout, 10 s, ends with it; the sessions of these tests have clocks of their own.
        await Timing.Until(() => isReached() && clock.UntilNextTimer is not null && clock.UntilNextTimer != TimeSpan.FromSeconds(10), "the pool pauses");
        return clock.UntilNextTimer!.Value;
    }

    private static async Task<MuxadoStream> OpenedOnAsync(MuxadoSessionPool pool, int dials, PoolServer server)
    {
        while (true)
        {
            var stream = await pool.OpenStreamAsync().Soon();
            if (server.Dials == dials && stream.Session == server.Pairs[^1].Client)
                return stream;
            await stream.DisposeAsync(); // The end of the session has not come through yet.
        }
    }

    /// <summary>Another's time, of which one question can be held up.</summary>
    private sealed class HeldTimeProvider(TimeProvider inner) : TimeProvider, IDisposable
    {
        private readonly ManualResetEventSlim _released = new();
        private int _isArmed;

        public bool IsHolding { get; private set; }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public void HoldNext() => Volatile.Write(ref _isArmed, 1);

        public void Release() => _released.Set();

        public override long GetTimestamp()
        {
            if (Interlocked.Exchange(ref _isArmed, 0) != 0)
            {
                IsHolding = true;
                _released.Wait(TimeSpan.FromSeconds(10));
            }

            return inner.GetTimestamp();
        }

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            inner.CreateTimer(callback, state, dueTime, period);

        public void Dispose() => _released.Dispose();
    }
}
