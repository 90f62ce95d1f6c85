using Muxado.Fast.Tests.Pooling;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>A server that goes away again and again, and leaves streams open so that the sessions never end.</summary>
[CancelAfter(30_000)]
public sealed class PoolAttackTests
{
    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(10);

    private readonly ManualTimeProvider _clock = new();

    [Test]
    public async Task A_session_whose_streams_the_application_has_disposed_does_not_wait_for_the_server_for_ever()
    {
        await using var server = new PoolServer(echoes: false);
        await using var pool = new MuxadoSessionPool(server.DialAsync, new() { TimeProvider = _clock });
        var stream = await pool.OpenStreamAsync().Soon();
        await stream.WriteAsync(new byte[1]).Soon();
        await using var accepted = await server.Pairs[0].Server.AcceptStreamAsync().Soon();
        await accepted.ReadExactlyAsync(new byte[1]).Soon();

        await server.Pairs[0].Server.GoAwayAsync().Soon();
        await stream.DisposeAsync();

        await EndsAsync(pool, server.Pairs[0].Client);
    }

    [Test]
    public async Task A_session_does_not_wait_for_streams_that_the_server_has_opened([Values] bool poolShutsDown)
    {
        await using var server = new PoolServer();
        await using var pool = new MuxadoSessionPool(server.DialAsync, new() { TimeProvider = _clock });
        Assert.That(await pool.ExecuteAsync(PoolServer.AskAsync).Soon(), Is.True);
        var pair = server.Pairs[0];
        await using var unwanted = pair.Server.OpenStream();
        await unwanted.WriteAsync(new byte[1]).Soon();
        await Timing.Until(() => pair.Client.GetSnapshot().QueuedStreams == 1, "the server's stream has come");

        var leaving = poolShutsDown ? pool.ShutdownAsync().AsTask() : pair.Server.GoAwayAsync().AsTask();

        await EndsAsync(pool, pair.Client);
        await leaving.Soon();
    }

    [Test]
    public async Task A_session_waits_for_a_stream_that_the_application_uses_as_long_as_it_takes()
    {
        await using var server = new PoolServer(echoes: false);
        await using var pool = new MuxadoSessionPool(server.DialAsync, new() { TimeProvider = _clock });
        var stream = await pool.OpenStreamAsync().Soon();
        await stream.WriteAsync(new byte[1]).Soon();
        var pair = server.Pairs[0];
        await using var accepted = await pair.Server.AcceptStreamAsync().Soon();
        await pair.Server.GoAwayAsync().Soon();
        await Timing.Until(() => pool.State.DrainingSessions == 1, "the session takes no more");

        for (var i = 0; i < 30; i++)
        {
            _clock.Advance(s_step);
            await Task.Delay(1);
        }

        await Timing.StaysPending(pair.Client.Completion, "A session with a stream in use");
        await stream.DisposeAsync();
        await EndsAsync(pool, pair.Client);
    }

    private async Task EndsAsync(MuxadoSessionPool pool, MuxadoSession session)
    {
        await Timing.Until(
            () =>
            {
                _clock.Advance(s_step);
                return session.Completion.IsCompleted;
            },
            "the session is closed");
        Assert.That(session.Completion.Result.Error, Is.EqualTo(MuxadoError.None));
        await Timing.Until(() => pool.State.DrainingSessions == 0, "the pool has forgotten it");
    }
}
