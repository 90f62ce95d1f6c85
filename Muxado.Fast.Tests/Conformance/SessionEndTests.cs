using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>How a session is ended by its peer or its transport, and what it says about it. (Illegal frames: <see cref="IllegalFrameTests"/>.)</summary>
public sealed class SessionEndTests(Role role) : ConformanceFixture(role)
{
    [Test]
    public async Task The_peers_orderly_close_is_no_error()
    {
        var (session, peer) = await ConnectAsync();
        var accept = session.AcceptStreamAsync();

        await peer.SendAsync(Frames.GoGoAway(0, 0, debugBytes: 15));
        peer.EndSending();

        await peer.DrainAsync();
        await ExpectCompletionAsync(session, MuxadoError.None, peerCode: MuxadoErrorCode.NoError);
        Assert.That((await accept.FailsSoon()).Error, Is.EqualTo(MuxadoError.SessionClosed));
    }

    [TestCase(1u)]
    [TestCase(2u)]
    [TestCase(5u)]
    [TestCase(99u)]
    [TestCase(uint.MaxValue)]
    public async Task The_peers_code_is_reported_whatever_it_is(uint code)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        var read = stream.ReadAsync(new byte[1]);

        await peer.SendAsync(Frames.GoAway(id, code, "why"));
        peer.EndSending();

        var failure = await read.FailsSoon();
        Assert.That(failure.Error, Is.EqualTo(MuxadoError.SessionClosed));
        Assert.That(failure.ErrorCode, Is.EqualTo((MuxadoErrorCode)code));
        await peer.DrainAsync();
        var info = await ExpectCompletionAsync(session, MuxadoError.SessionClosed, peerCode: (MuxadoErrorCode)code);
        Assert.That(info.PeerDebug.ToArray(), Is.EqualTo(Bytes("why")));
    }

    /// <summary>Who goes away with an error first, and who then closes.</summary>
    [Test]
    public async Task An_orderly_end_after_a_goaway_that_told_of_an_error_is_none([Values] bool weTell, [Values] bool weClose, [Values] bool isTakenBack)
    {
        const MuxadoErrorCode Code = MuxadoErrorCode.InternalError;
        var (session, peer) = await ConnectAsync();
        await peer.PingAsync();
        if (weTell)
            await session.GoAwayAsync(Code);
        else
            await peer.SendAsync(Frames.GoAway(0, (uint)Code, "why"));
        if (isTakenBack && weTell)
            await session.GoAwayAsync();
        else if (isTakenBack)
            await peer.SendAsync(Frames.GoAway(0, 0));
        if (!weTell)
            await peer.PingAsync();

        var closing = weClose ? session.CloseAsync().AsTask() : Task.CompletedTask;
        if (!weClose && (weTell || !isTakenBack))
            await peer.SendAsync(Frames.GoAway(0, weTell ? 0 : (uint)Code));
        if (!weClose)
            peer.EndSending();
        await peer.DrainAsync();
        if (weClose)
            peer.EndSending();
        await closing.Soon();

        var info = await session.Completion.Soon();
        Assert.That(info.Error, Is.EqualTo(MuxadoError.SessionClosed));
        Assert.That(info.Exception, Is.InstanceOf<MuxadoException>().With.Property(nameof(MuxadoException.ErrorCode)).EqualTo(Code));
    }

    [Test]
    public async Task An_end_without_goaway_is_a_transport_error()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, _) = await OpenAsync(session, peer);
        var read = stream.ReadAsync(new byte[1]);
        var accept = session.AcceptStreamAsync();

        peer.EndSending();

        Assert.That((await read.FailsSoon()).Error, Is.EqualTo(MuxadoError.TransportFailed));
        Assert.That((await accept.FailsSoon()).Error, Is.EqualTo(MuxadoError.TransportFailed));
        await peer.DrainAsync();
        await ExpectCompletionAsync(session, MuxadoError.TransportFailed);
    }

    [Test]
    public async Task A_tcp_reset_is_a_transport_error()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, _) = await OpenAsync(session, peer);
        var read = stream.ReadAsync(new byte[1]);

        peer.Reset();

        Assert.That((await read.FailsSoon()).Error, Is.EqualTo(MuxadoError.TransportFailed));
        await ExpectCompletionAsync(session, MuxadoError.TransportFailed);
    }

    [Test]
    public async Task Streams_that_had_finished_before_the_transport_failed_still_give_data_and_then_eof([Values] bool byReset)
    {
        var (session, peer) = await ConnectAsync();
        await peer.SendAsync(
            Frames.Syn(Theirs(0)), Frames.DataFin(Theirs(0), "whole"), Frames.Syn(Theirs(1)), Frames.Data(Theirs(1), "torn"));
        var whole = await AcceptAsync(session);
        var torn = await AcceptAsync(session);

        await peer.ExpectQuietAsync();

        if (byReset)
        {
            peer.Reset();
        }
        else
        {
            peer.EndSending();
            await peer.DrainAsync();
        }

        await ExpectCompletionAsync(session, MuxadoError.TransportFailed);
        Assert.That(await ReadToEndAsync(whole), Is.EqualTo(Bytes("whole")));
        Assert.That(await ReadTextAsync(torn, 4), Is.EqualTo("torn"));
        Assert.That((await torn.ReadAsync(new byte[1]).FailsSoon()).Error, Is.EqualTo(MuxadoError.TransportFailed));
    }

    [Test]
    public async Task Streams_that_nobody_had_accepted_before_the_transport_failed_can_still_be_accepted_and_read()
    {
        var (session, peer) = await ConnectAsync();
        await peer.SendAsync(Frames.Syn(Theirs(0)), Frames.DataFin(Theirs(0), "whole"));
        peer.EndSending();
        await peer.DrainAsync();
        await session.Completion.Soon();

        Assert.That(await ReadToEndAsync(await AcceptAsync(session)), Is.EqualTo(Bytes("whole")));
        Assert.That(
            (await Task.Run(async () => await session.AcceptStreamAsync()).FailsSoon()).Error, Is.EqualTo(MuxadoError.TransportFailed));
    }

    [Test]
    public async Task Everyone_who_waits_for_the_completion_gets_it()
    {
        var (session, peer) = await ConnectAsync();
        var waiters = Enumerable.Range(0, 10).Select(_ => session.Completion).ToArray();

        await peer.SendAsync(Frames.Raw(31, 0, 0, 0));
        await ExpectSessionErrorAsync(session, peer, MuxadoErrorCode.ProtocolError);

        Assert.That(await Task.WhenAll(waiters).Soon(), Is.All.EqualTo(await session.Completion.Soon()));
    }

    [Test]
    public async Task A_session_that_ended_says_why_to_whoever_asks_it_for_more()
    {
        var (session, peer) = await ConnectAsync();
        await peer.SendAsync(Frames.Raw(31, 0, 0, 0));
        await ExpectSessionErrorAsync(session, peer, MuxadoErrorCode.ProtocolError);

        var accept = await Task.Run(async () => await session.AcceptStreamAsync()).FailsSoon();
        var open = await Task.Run(() => session.OpenStream()).FailsSoon();
        Assert.That((accept.Error, open.Error), Is.EqualTo((MuxadoError.ProtocolViolation, MuxadoError.ProtocolViolation)));
        Assert.That(open.IsRetrySafe, "the stream never left");
    }

    [Test]
    public async Task An_asynchronous_operation_on_an_ended_session_fails_in_its_task_and_not_in_the_call()
    {
        var (session, peer) = await ConnectAsync();
        session.Abort();
        await peer.DrainAsync();

        Assert.That((await session.AcceptStreamAsync().FailsSoon()).Error, Is.EqualTo(MuxadoError.SessionAborted));
        Assert.That((await session.AcceptHandleAsync().FailsSoon()).Error, Is.EqualTo(MuxadoError.SessionAborted));
        Assert.That((await session.OpenStreamAsync().FailsSoon()).Error, Is.EqualTo(MuxadoError.SessionAborted));
    }
}
