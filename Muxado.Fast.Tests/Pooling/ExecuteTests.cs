using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Pooling;

[CancelAfter(30_000)]
public sealed class ExecuteTests
{
    private static readonly MuxadoException s_refused = new(MuxadoError.StreamRefused, "refused", MuxadoErrorCode.RefusedStream, isRetrySafe: true);

    [Test]
    public async Task An_operation_gives_its_result_and_its_stream_is_let_go()
    {
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync);
        MuxadoStream? used = null;

        var answered = await pool.ExecuteAsync(async (stream, token) =>
        {
            used = stream;
            return await PoolServer.AskAsync(stream, token);
        }).Soon();

        Assert.That(answered, Is.True);
        Assert.That(() => used!.Id, Throws.InstanceOf<ObjectDisposedException>());
        await pool.ExecuteAsync(async (stream, token) => Assert.That(await PoolServer.AskAsync(stream, token), Is.True)).Soon();
    }

    [Test]
    public async Task What_a_server_refuses_for_lack_of_room_is_repeated_until_it_has_room()
    {
        await using var server = new PoolServer(echoes: false) { ServerOptions = new MuxadoSessionOptions { AcceptBacklog = 1 } };
        await using var pool = new MuxadoSessionPool(server.DialAsync, new() { MaxSessions = 1, InitialBackoff = TimeSpan.FromMilliseconds(10), MaxRetries = 20 });
        await using var first = await pool.OpenStreamAsync().Soon();
        await first.WriteAsync(new byte[1], completeWrites: true).Soon();
        await Timing.Until(() => server.Pairs[0].Server.ActiveStreams == 1, "the backlog is full");
        var calls = 0;

        var asking = pool.ExecuteAsync((stream, token) =>
        {
            calls++;
            return PoolServer.AskAsync(stream, token);
        }).AsTask();
        await Timing.Until(() => calls >= 3, "it was refused twice");
        var serving = PoolServer.ServeAsync(server.Pairs[0].Server);

        Assert.That(await asking.Soon(), Is.True);
        await pool.DisposeAsync();
        await serving.Soon();
    }

    [Test]
    public async Task What_the_server_may_have_seen_is_not_repeated()
    {
        await using var server = new PoolServer(echoes: false);
        await using var pool = new MuxadoSessionPool(server.DialAsync, new() { InitialBackoff = TimeSpan.FromMilliseconds(5) });
        var calls = 0;

        var asking = pool.ExecuteAsync((stream, token) =>
        {
            calls++;
            return PoolServer.AskAsync(stream, token);
        }).AsTask();
        await Timing.Until(() => server.Pairs.Count == 1 && server.Pairs[0].Server.ActiveStreams == 1, "the stream has come");
        await using var accepted = await server.Pairs[0].Server.AcceptStreamAsync().Soon();
        accepted.Abort();

        await Fails.With(MuxadoError.StreamAborted, asking);
        Assert.That(calls, Is.EqualTo(1));
    }

    [Test]
    public async Task A_failure_that_is_not_the_streams_is_passed_on_and_the_peer_sees_no_half_request()
    {
        await using var server = new PoolServer(echoes: false);
        await using var pool = new MuxadoSessionPool(server.DialAsync);

        MuxadoStream? accepted = null;

        await Fails.With<InvalidDataException>(() => pool.ExecuteAsync(async (stream, token) =>
        {
            await stream.WriteAsync(new byte[10], token);
            accepted = await server.Pairs[0].Server.AcceptStreamAsync(token);
            throw new InvalidDataException("a mistake of the caller");
        }).AsTask());

        await Fails.With(MuxadoError.StreamAborted, () => Pattern.DrainAsync(accepted!));
        await accepted!.DisposeAsync();
    }

    [Test]
    public async Task An_operation_that_disposes_its_stream_may_fail_all_the_same()
    {
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync);

        await Fails.With<InvalidDataException>(() => pool.ExecuteAsync(async (stream, _) =>
        {
            await stream.DisposeAsync();
            throw new InvalidDataException("a mistake of the caller");
        }).AsTask());
    }

    [Test]
    public async Task Repetitions_end_after_their_number_with_the_last_failure([Values(0, 1, 3)] int maxRetries)
    {
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(
            server.DialAsync, new() { MaxRetries = maxRetries, InitialBackoff = TimeSpan.FromMilliseconds(1), MaxBackoff = TimeSpan.FromMilliseconds(1) });
        var calls = 0;

        var failure = await Fails.With<MuxadoException>(() => pool.ExecuteAsync<int>((_, _) =>
        {
            calls++;
            throw s_refused;
        }).AsTask());

        Assert.That((calls, failure), Is.EqualTo((maxRetries + 1, s_refused)));
    }

    [Test]
    public async Task A_failure_that_something_else_has_wrapped_counts_too()
    {
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync, new() { InitialBackoff = TimeSpan.FromMilliseconds(1) });
        var calls = 0;

        var result = await pool.ExecuteAsync((_, _) => calls++ == 0 ? throw new HttpRequestException("wrapped", s_refused) : new ValueTask<int>(7)).Soon();

        Assert.That((result, calls), Is.EqualTo((7, 2)));
    }

    [Test]
    public async Task The_first_repetition_follows_at_once_when_the_session_went_away_and_pauses_when_it_was_refused([Values] bool refused)
    {
        var clock = new ManualTimeProvider();
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync, new() { TimeProvider = clock });
        var gone = new MuxadoException(MuxadoError.GoingAway, "gone", isRetrySafe: true);
        var calls = 0;

        var executing = pool.ExecuteAsync((_, _) => calls++ == 0 ? throw (refused ? s_refused : gone) : new ValueTask<int>(7)).AsTask();

        if (refused)
        {
            await Timing.StaysPending(executing, "A repetition after a refusal");
            clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.That(await executing.Soon(), Is.EqualTo(7));
    }

    [Test]
    public async Task Cancelling_ends_the_pause_between_two_repetitions()
    {
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync, new() { InitialBackoff = TimeSpan.FromHours(1), MaxBackoff = TimeSpan.FromHours(1) });
        using var cancellation = new CancellationTokenSource();
        var calls = 0;
        var executing = pool.ExecuteAsync<int>(
            (_, _) =>
            {
                calls++;
                throw s_refused;
            },
            cancellationToken: cancellation.Token).AsTask();
        await Timing.StaysPending(executing, "A pause of an hour");

        await cancellation.CancelAsync();

        await Fails.With<OperationCanceledException>(executing);
        Assert.That(calls, Is.EqualTo(1));
    }

    [Test]
    public async Task Cancelling_reaches_the_operation()
    {
        await using var server = new PoolServer(echoes: false);
        await using var pool = new MuxadoSessionPool(server.DialAsync);
        using var cancellation = new CancellationTokenSource();
        var asking = pool.ExecuteAsync(PoolServer.AskAsync, cancellationToken: cancellation.Token).AsTask();
        await Timing.Until(() => server.Pairs.Count == 1 && server.Pairs[0].Server.ActiveStreams == 1, "the question has come");

        await cancellation.CancelAsync();

        await Fails.With<OperationCanceledException>(asking);
    }

    [Test]
    public async Task An_open_that_took_too_long_is_not_repeated()
    {
        await using var server = new PoolServer { OnDial = (_, _) => Task.FromException(new IOException("nobody is there")) };
        await using var pool = new MuxadoSessionPool(server.DialAsync, new() { OpenTimeout = TimeSpan.FromMilliseconds(200) });

        await Fails.With(MuxadoError.DeadlineExceeded, () => pool.ExecuteAsync(PoolServer.AskAsync).AsTask().WaitAsync(TimeSpan.FromSeconds(1)));
    }

    [Test]
    public async Task An_open_that_took_too_long_is_not_repeated_even_if_its_cause_was_safe_to_repeat()
    {
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(
            async token =>
            {
                var session = await server.DialAsync(token);
                session.Abort();
                return session;
            },
            new() { OpenTimeout = TimeSpan.FromSeconds(2), InitialBackoff = TimeSpan.FromHours(1), MaxBackoff = TimeSpan.FromHours(1) });

        var failure = await Fails.With(MuxadoError.DeadlineExceeded, pool.ExecuteAsync(PoolServer.AskAsync).AsTask());

        Assert.That((failure.InnerException as MuxadoException)?.IsRetrySafe, Is.True, "the case that this is about");
    }
}
