using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Pooling;

[CancelAfter(30_000)]
public sealed class PlacementTests
{
    [Test]
    public async Task Nothing_is_dialled_before_the_first_open()
    {
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync);

        await Task.Delay(50);
        Assert.That(server.Dials, Is.Zero);

        await using var stream = await pool.OpenStreamAsync().Soon();
        Assert.That(await PoolServer.AskAsync(stream).Soon(), Is.True);
        Assert.That((server.Dials, pool.State.ReadySessions, pool.State.WaitingOpens), Is.EqualTo((1, 1, 0)));
    }

    [Test]
    public async Task While_a_session_has_room_an_open_does_not_wait()
    {
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync);
        await using var first = await pool.OpenStreamAsync().Soon();

        var second = pool.OpenStreamAsync();
        var third = pool.OpenHandleAsync();

        Assert.That((second.IsCompletedSuccessfully, third.IsCompletedSuccessfully), Is.EqualTo((true, true)));
        await (await second).DisposeAsync();
        (await third).Dispose();
    }

    [Test]
    public async Task The_options_of_a_stream_reach_the_server()
    {
        await using var server = new PoolServer(echoes: false);
        await using var pool = new MuxadoSessionPool(server.DialAsync);

        foreach (var type in new uint[] { 7, 8 })
        {
            await using var opened = await pool.OpenStreamAsync(new MuxadoStreamOptions { Priority = 3, StreamType = type, CompleteWrites = true }).Soon();
            await using var accepted = await server.Pairs[0].Server.AcceptStreamAsync().Soon();
            Assert.That((accepted.Priority, accepted.StreamType), Is.EqualTo((3u, type)));
            Assert.That(await accepted.ReadAsync(new byte[1]).Soon(), Is.Zero);
        }
    }

    [Test]
    public async Task A_reserved_stream_type_is_turned_down()
    {
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync);
        var options = new MuxadoStreamOptions { StreamType = MuxadoExtension.FirstReservedStreamType };

        Assert.That(() => pool.OpenStreamAsync(options), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => pool.OpenHandleAsync(options), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(server.Dials, Is.Zero);
    }

    [Test]
    public async Task Another_session_is_dialled_once_every_one_is_half_full()
    {
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync, new() { MaxStreamsPerSession = 8, MaxSessions = 2 });
        var streams = new List<MuxadoStream>();
        for (var i = 0; i < 3; i++)
            streams.Add(await pool.OpenStreamAsync().Soon());
        await Task.Delay(50);
        Assert.That(server.Dials, Is.EqualTo(1), "less than half full");

        streams.Add(await pool.OpenStreamAsync().Soon());
        await Timing.Until(() => pool.State.ReadySessions == 2, "there is a second session");

        for (var i = 0; i < 12; i++)
            streams.Add(await pool.OpenStreamAsync().Soon());
        Assert.That((server.Dials, pool.State.ReadySessions, pool.State.ActiveStreams), Is.EqualTo((2, 2, 16)));
        foreach (var stream in streams)
            await stream.DisposeAsync();
    }

    [Test]
    public async Task A_stream_goes_to_the_session_that_has_the_fewest()
    {
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync, new() { MaxStreamsPerSession = 100, MinSessions = 3 });
        var streams = new List<MuxadoStream> { await pool.OpenStreamAsync().Soon() };
        await Timing.Until(() => pool.State.ReadySessions == 3, "the sessions that are kept are there");

        for (var i = 1; i < 30; i++)
            streams.Add(await pool.OpenStreamAsync().Soon());
        Assert.That(server.Pairs.Select(pair => pair.Client.ActiveStreams), Is.EqualTo(new[] { 10, 10, 10 }));

        var least = server.Pairs[1].Client;
        foreach (var stream in streams.Where(stream => stream.Session == least).ToList())
        {
            Assert.That(await PoolServer.AskAsync(stream).Soon(), Is.True);
            await stream.DisposeAsync();
            streams.Remove(stream);
        }

        for (var i = 0; i < 10; i++)
            streams.Add(await pool.OpenStreamAsync().Soon());
        Assert.That(least.ActiveStreams, Is.EqualTo(10));
        foreach (var stream in streams)
            await stream.DisposeAsync();
    }

    [Test]
    public async Task When_all_sessions_are_full_opens_wait_and_are_served_in_their_order()
    {
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync, new() { MaxSessions = 1, MaxStreamsPerSession = 2 });
        var open = new Queue<MuxadoStream>([await pool.OpenStreamAsync().Soon(), await pool.OpenStreamAsync().Soon()]);
        var waiting = Enumerable.Range(0, 5).Select(_ => pool.OpenStreamAsync().AsTask()).ToList();
        Assert.That(pool.State.WaitingOpens, Is.EqualTo(5));
        await Timing.StaysPending(waiting[0], "An open beyond the cap");

        for (var i = 0; i < waiting.Count; i++)
        {
            var closing = open.Dequeue();
            Assert.That(await PoolServer.AskAsync(closing).Soon(), Is.True);
            await closing.DisposeAsync();

            open.Enqueue(await waiting[i].Soon());
            Assert.That(waiting.Count(task => task.IsCompleted), Is.EqualTo(i + 1));
        }

        Assert.That((pool.State.WaitingOpens, pool.State.ActiveStreams), Is.EqualTo((0, 2)));
        foreach (var stream in open)
            await stream.DisposeAsync();
    }

    [Test]
    public async Task Disposed_streams_count_until_the_server_ends_them_or_they_are_reset_and_the_open_that_waits_says_so()
    {
        var clock = new ManualTimeProvider();
        await using var server = new PoolServer(echoes: false);
        await using var pool = new MuxadoSessionPool(
            server.DialAsync, new() { MaxSessions = 1, MaxStreamsPerSession = 2, TimeProvider = clock, OpenTimeout = TimeSpan.FromMilliseconds(20) });
        await using (var ended = await pool.OpenStreamAsync().Soon())
            await ended.WriteAsync(Pattern.Bytes(10), completeWrites: true).Soon();
        await using (var reset = await pool.OpenStreamAsync().Soon())
        {
            await reset.WriteAsync(Pattern.Bytes(10)).Soon();
            reset.Abort();
        }

        await using var last = await pool.OpenStreamAsync().Soon(); // Has the place of the one that was reset.
        var opening = pool.OpenStreamAsync().AsTask();
        await Timing.StaysPending(opening, "An open beyond the cap");
        clock.Advance(TimeSpan.FromMilliseconds(20));

        var failure = await Fails.With(MuxadoError.DeadlineExceeded, opening);
        Assert.That(failure.Message, Does.Contain("2 streams").And.Contain("until the server ends it").And.Contain("Abort"));
    }

    [Test]
    public async Task Nobody_overtakes_those_who_wait_and_the_cap_holds_under_load([Values] bool sync)
    {
        const int Cap = 4;
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync, new() { MinSessions = 2, MaxSessions = 2, MaxStreamsPerSession = Cap });
        var most = 0;
        await (await pool.OpenStreamAsync().Soon()).DisposeAsync();
        await Timing.Until(() => pool.State.ReadySessions == 2, "both sessions are there");

        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 25; i++)
            {
                await using var stream = await pool.OpenStreamAsync();
                InterlockedMax(ref most, stream.Session.ActiveStreams);
                Assert.That(await PoolServer.AskAsync(stream), Is.True);
                if (sync)
                    await Task.Yield();
            }
        }))).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.That(most, Is.LessThanOrEqualTo(Cap));
        Assert.That((server.Dials, pool.State.WaitingOpens), Is.EqualTo((2, 0)));
    }

    [Test]
    public async Task An_open_that_waits_can_be_cancelled_wherever_it_is_in_the_queue([Values(0, 1, 2)] int place)
    {
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync, new() { MaxSessions = 1, MaxStreamsPerSession = 1 });
        var only = await pool.OpenStreamAsync().Soon();
        using var cancellation = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 3).Select(i => pool.OpenStreamAsync(cancellationToken: i == place ? cancellation.Token : default).AsTask()).ToList();

        await cancellation.CancelAsync();

        var failure = await Fails.With<OperationCanceledException>(waiting[place]);
        Assert.That(failure.CancellationToken, Is.EqualTo(cancellation.Token));
        Assert.That(pool.State.WaitingOpens, Is.EqualTo(2));
        waiting.RemoveAt(place);
        foreach (var next in waiting)
        {
            Assert.That(await PoolServer.AskAsync(only).Soon(), Is.True);
            await only.DisposeAsync();
            only = await next.Soon();
        }

        await only.DisposeAsync();
    }

    [Test]
    public async Task Cancelling_races_with_being_served_and_no_stream_is_lost()
    {
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync, new() { MaxSessions = 1, MaxStreamsPerSession = 1 });
        for (var i = 0; i < 300; i++)
        {
            var only = await pool.OpenStreamAsync().Soon();
            Assert.That(await PoolServer.AskAsync(only).Soon(), Is.True);
            using var cancellation = new CancellationTokenSource();
            var waiting = pool.OpenStreamAsync(cancellationToken: cancellation.Token).AsTask();

            var cancelling = Task.Run(cancellation.Cancel);
            await only.DisposeAsync();
            await cancelling;

            try
            {
                await (await waiting.Soon()).DisposeAsync();
            }
            catch (OperationCanceledException)
            {
                // it was called off in time; had it a stream all the same, the next round would find no room
            }
        }
    }

    [Test]
    public async Task A_cancelled_token_opens_nothing()
    {
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync);

        await Fails.With<OperationCanceledException>(() => pool.OpenStreamAsync(cancellationToken: new CancellationToken(true)).AsTask());
        await Fails.With<OperationCanceledException>(() => pool.OpenHandleAsync(cancellationToken: new CancellationToken(true)).AsTask());
        Assert.That(server.Dials, Is.Zero);
    }

    [Test]
    public async Task An_open_that_waits_too_long_for_room_fails_and_says_what_to_do()
    {
        var clock = new ManualTimeProvider();
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync, new() { MaxSessions = 1, MaxStreamsPerSession = 1, TimeProvider = clock });
        await using var only = await pool.OpenStreamAsync().Soon();
        var waiting = pool.OpenStreamAsync().AsTask();

        clock.Advance(TimeSpan.FromSeconds(29.9));
        await Timing.StaysPending(waiting, "An open that has waited less than OpenTimeout");
        clock.Advance(TimeSpan.FromSeconds(0.2));

        var failure = await Fails.With(MuxadoError.DeadlineExceeded, waiting);
        Assert.That(failure.IsRetrySafe, Is.True);
        Assert.That(failure.Message, Does.Contain("30 s (OpenTimeout)").And.Contain("MaxStreamsPerSession").And.Contain("MaxSessions"));
        Assert.That(pool.State.WaitingOpens, Is.Zero);
    }

    [Test]
    public async Task When_the_ids_of_a_session_are_used_up_another_takes_over()
    {
        var pairs = new List<SessionPair>();
        var serving = new List<Task>();
        await using var pool = new MuxadoSessionPool(
            async _ =>
            {
                var (clientEnd, serverEnd) = MemoryDuplex.CreatePair();
                var options = new MuxadoSessionOptions { FirstStreamId = pairs.Count == 0 ? 0x7FFFFFFFu - 6 : null };
                pairs.Add(SessionPair.Over(clientEnd, serverEnd, options));
                serving.Add(PoolServer.ServeAsync(pairs[^1].Server));
                await Task.Yield();
                return pairs[^1].Client;
            });

        for (var i = 0; i < 10; i++)
        {
            await using var stream = await pool.OpenStreamAsync().Soon();
            Assert.That(await PoolServer.AskAsync(stream).Soon(), Is.True);
        }

        Assert.That(pairs, Has.Count.EqualTo(2));
        foreach (var pair in pairs)
            await pair.DisposeAsync();
        await Task.WhenAll(serving).Soon();
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen;)
        {
            var before = Interlocked.CompareExchange(ref most, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }
}
