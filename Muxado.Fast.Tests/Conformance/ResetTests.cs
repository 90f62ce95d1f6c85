using System.Diagnostics;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>RST, from the peer and from us.</summary>
public sealed class ResetTests(Role role) : ConformanceFixture(role)
{
    [Test]
    public async Task A_reset_wakes_a_writer_that_waits_for_credit_within_100_ms([Values] bool weOpened)
    {
        const int MostTries = 5; // The best of them counts: what else the machine does only adds.
        const long LimitMilliseconds = 100;
        var tookMilliseconds = long.MaxValue;
        for (var tries = 0; tries < MostTries && tookMilliseconds >= LimitMilliseconds; tries++)
        {
            var (session, peer) = await ConnectAsync();
            var (stream, id) = await StartAsync(session, peer, weOpened);
            var write = stream.WriteAsync(Pattern.Bytes(InitialWindow + 1)).AsTask();
            await peer.ExpectDataAsync(id, InitialWindow);
            await peer.ExpectQuietAsync();

            var watch = Stopwatch.StartNew();
            await peer.SendAsync(Frames.Rst(id, 7));
            var failure = await write.FailsSoon();

            tookMilliseconds = watch.ElapsedMilliseconds;
            ExpectAborted(failure, id, MuxadoErrorCode.Cancel);
        }

        Assert.That(tookMilliseconds, Is.LessThan(LimitMilliseconds));
    }

    [Test]
    public async Task A_reset_wakes_a_reader()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        var read = stream.ReadAsync(new byte[1]);

        await peer.SendAsync(Frames.Rst(id, 2));

        ExpectAborted(await read.FailsSoon(), id, MuxadoErrorCode.InternalError);
    }

    [TestCase(0u)]
    [TestCase(8u)]
    [TestCase(uint.MaxValue)]
    public async Task A_reset_with_any_code_ends_only_its_stream(uint code)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);

        await peer.SendAsync(Frames.Rst(id, code));

        ExpectAborted(await stream.ReadAsync(new byte[1]).FailsSoon(), id, (MuxadoErrorCode)code);
        await peer.ExpectQuietAsync();
    }

    [Test]
    public async Task Data_that_came_before_a_reset_is_readable_and_then_the_error_with_its_code()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await peer.SendAsync(Frames.Data(id, "hello"), Frames.Rst(id, 7));
        await peer.ExpectQuietAsync();

        Assert.That(await ReadTextAsync(stream, 2), Is.EqualTo("he"));
        Assert.That(await ReadTextAsync(stream, 3), Is.EqualTo("llo"));
        ExpectAborted(await stream.ReadAsync(new byte[1]).FailsSoon(), id, MuxadoErrorCode.Cancel);
        ExpectAborted(await stream.WriteAsync(Bytes("x")).FailsSoon(), id, MuxadoErrorCode.Cancel);
    }

    [Test]
    public async Task A_reset_after_the_peers_fin_ends_our_writes_and_leaves_what_was_finished_whole()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);

        await peer.SendAsync(Frames.DataFin(id, "whole"), Frames.Rst(id, 7));
        await peer.ExpectQuietAsync();

        Assert.That(await ReadToEndAsync(stream), Is.EqualTo(Bytes("whole")));
        ExpectAborted(await stream.WriteAsync(Bytes("x")).FailsSoon(), id, MuxadoErrorCode.Cancel);
    }

    [Test]
    public async Task A_stream_may_be_reset_before_it_is_accepted()
    {
        var (session, peer) = await ConnectAsync();
        await peer.SendAsync(Frames.Syn(Theirs(0)), Frames.Rst(Theirs(0), 7), Frames.Syn(Theirs(1)));
        await peer.ExpectQuietAsync();

        Assert.That((await AcceptAsync(session)).Id, Is.EqualTo(Theirs(1)), "a reset stream leaves the backlog");
    }

    [Test]
    public async Task A_reset_is_never_answered_by_a_reset()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        var read = stream.ReadAsync(new byte[1]);

        await peer.SendAsync(Frames.Rst(id, 7), Frames.Rst(id, 7), Frames.Rst(id, 4));

        await read.FailsSoon();
        await peer.ExpectQuietAsync();
    }

    [TestCase(MuxadoErrorCode.Cancel)]
    [TestCase(MuxadoErrorCode.InternalError)]
    public async Task Aborting_a_stream_resets_it_with_the_code(MuxadoErrorCode code)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        var read = stream.ReadAsync(new byte[1]);

        stream.Abort(code);

        await peer.ExpectAsync(Frames.Rst(id, (uint)code));
        Assert.That((await read.FailsSoon()).Error, Is.EqualTo(MuxadoError.StreamAborted));
    }

    [Test]
    public async Task Aborting_and_then_disposing_a_stream_resets_it_once()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await peer.SendAsync(Frames.Data(id, "unread"));
        await peer.ExpectQuietAsync();

        stream.Abort();
        stream.Abort(MuxadoErrorCode.InternalError);
        await stream.DisposeAsync().Soon();

        await peer.ExpectAsync(Frames.Rst(id, 7));
        await peer.ExpectQuietOnAsync(id);
    }

    private static void ExpectAborted(MuxadoException failure, uint id, MuxadoErrorCode code)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(failure.Error, Is.EqualTo(MuxadoError.StreamAborted));
            Assert.That(failure.ErrorCode, Is.EqualTo(code));
            Assert.That(failure.IsRetrySafe, Is.False);
            Assert.That(failure.Message, Does.Contain($"tream {id}"));
        }
    }
}
