using System.Diagnostics;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>How a session ends, and what it says about it. (Ends by illegal frames are in <see cref="IllegalFrameTests"/>.)</summary>
public sealed class SessionEndTests(Role role) : ConformanceFixture(role)
{
    [Test]
    public async Task Closing_sends_goaway_and_ends_in_order()
    {
        var (session, peer) = await ConnectAsync();

        var close = session.CloseAsync().AsTask();

        await peer.ExpectAsync(Frames.GoAway(0, 0));
        await peer.ExpectEndAsync();
        peer.EndSending();
        await close.Soon();
        await ExpectCompletionAsync(session, MuxadoError.None, localCode: MuxadoErrorCode.NoError);
    }

    [Test]
    public async Task Closing_with_a_code_tells_it_to_the_peer_and_to_us()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, _) = await OpenAsync(session, peer);
        var read = stream.ReadAsync(new byte[1]);
        var accept = session.AcceptStreamAsync();

        var close = session.CloseAsync(MuxadoErrorCode.InternalError).AsTask();

        await peer.ExpectGoAwayAsync(2);
        await peer.ExpectEndAsync();
        peer.EndSending();
        await close.Soon();
        Assert.That((await read.FailsSoon()).Error, Is.EqualTo(MuxadoError.SessionClosed));
        Assert.That((await accept.FailsSoon()).Error, Is.EqualTo(MuxadoError.SessionClosed));
        await ExpectCompletionAsync(session, MuxadoError.SessionClosed, localCode: MuxadoErrorCode.InternalError);
    }

    [Test]
    public async Task What_was_written_before_closing_arrives_before_the_goaway()
    {
        var (session, peer) = await ConnectAsync();
        var stream = session.OpenStream();
        await stream.WriteAsync(Bytes("in time"), completeWrites: true).Soon();

        var close = session.CloseAsync().AsTask();

        await peer.ExpectAsync(Frames.Syn(stream.Id), Frames.DataFin(stream.Id, "in time"), Frames.GoAway(0, 0));
        await peer.ExpectEndAsync();
        peer.EndSending();
        await close.Soon();
    }

    [Test]
    public async Task Aborting_ends_the_session_at_once()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, _) = await OpenAsync(session, peer);
        var read = stream.ReadAsync(new byte[1]);

        session.Abort();

        Assert.That((await read.FailsSoon()).Error, Is.EqualTo(MuxadoError.SessionAborted));
        await ExpectCompletionAsync(session, MuxadoError.SessionAborted);
        await peer.DrainAsync();
    }

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
    public async Task Streams_that_had_finished_before_the_transport_failed_still_give_data_and_then_eof()
    {
        var (session, peer) = await ConnectAsync();
        await peer.SendAsync(
            Frames.Syn(Theirs(0)), Frames.DataFin(Theirs(0), "whole"), Frames.Syn(Theirs(1)), Frames.Data(Theirs(1), "torn"));
        var whole = await AcceptAsync(session);
        var torn = await AcceptAsync(session);

        peer.EndSending();
        await peer.DrainAsync();
        await session.Completion.Soon();

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
    public async Task Our_side_ends_within_5_s_of_the_peers_end([Values] BeforeTheEnd before)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        switch (before)
        {
            case BeforeTheEnd.GoAway:
                await peer.SendAsync(Frames.PlainGoAway(id, 0));
                break;
            case BeforeTheEnd.UnreadData:
                await peer.SendAsync(Frames.Bulk(id, Pattern.Bytes(InitialWindow)));
                break;
            case BeforeTheEnd.PartOfAFrame:
                await peer.SendBytesAsync(Frames.Data(id, "hello").Bytes[..10]);
                break;
            case BeforeTheEnd.BlockedWriter:
                _ = stream.WriteAsync(Pattern.Bytes(InitialWindow + 1)).AsTask();
                await peer.ExpectDataAsync(id, InitialWindow);
                break;
            case BeforeTheEnd.Fin:
                await peer.SendAsync(Frames.Fin(id));
                break;
        }

        var watch = Stopwatch.StartNew();
        peer.EndSending();
        await peer.DrainAsync();
        var info = await session.Completion.Soon();

        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(5)));
        Assert.That(info.Error, Is.EqualTo(before == BeforeTheEnd.GoAway ? MuxadoError.None : MuxadoError.TransportFailed));
    }

    [Test]
    public async Task Our_goaway_arrives_though_our_input_is_full_of_bytes()
    {
        var (session, peer) = await ConnectAsync();

        // If the session closed its socket on them, the kernel would answer with a reset, which destroys the GOAWAY.
        await peer.SendAsync(Frames.Raw(31, 0, 0, 0));
        var flood = peer.SendBytesAsync(new byte[1024 * 1024]);

        await ExpectSessionErrorAsync(session, peer, MuxadoErrorCode.ProtocolError);
        await flood;
    }

    [Test]
    public async Task Our_goaway_arrives_when_we_close_though_the_peer_goes_on_sending()
    {
        var (session, peer) = await ConnectAsync();
        var (_, id) = await AcceptFirstAsync(session, peer);
        await peer.SendAsync(Frames.Bulk(id, Pattern.Bytes(InitialWindow)));
        await peer.ExpectQuietAsync();

        var close = session.CloseAsync().AsTask();
        await peer.SendAsync(Frames.Bulk(id, Pattern.Bytes(1024 * 1024)));

        await peer.ExpectGoAwayAsync(0);
        await peer.ExpectEndAsync();
        peer.EndSending();
        await close.Soon();
    }

    [Test]
    public async Task Our_side_ends_soon_after_an_illegal_frame_though_the_peer_stays()
    {
        var (session, peer) = await ConnectAsync(options => options.CloseTimeout = TimeSpan.FromMilliseconds(200));

        await peer.SendAsync(Frames.Raw(31, 0, 0, 0));

        await peer.ExpectGoAwayAsync(1);
        await peer.ExpectEndAsync();
        await ExpectCompletionAsync(session, MuxadoError.ProtocolViolation, localCode: MuxadoErrorCode.ProtocolError);
    }

    [Test]
    public async Task Closing_is_bounded_in_time_though_the_peer_reads_nothing()
    {
        var (session, peer) = await ConnectAsync(options => options.CloseTimeout = TimeSpan.FromMilliseconds(200));
        await FillTheTransportAsync(session, peer);

        await session.CloseAsync().Soon();

        await session.Completion.Soon();
    }

    [Test]
    public async Task An_illegal_frame_ends_the_session_in_bounded_time_though_the_peer_reads_nothing()
    {
        var (session, peer) = await ConnectAsync(options => options.CloseTimeout = TimeSpan.FromMilliseconds(200));
        var write = await FillTheTransportAsync(session, peer);

        await peer.SendAsync(Frames.Raw(31, 0, 0, 0));

        Assert.That((await write.FailsSoon()).Error, Is.EqualTo(MuxadoError.ProtocolViolation));
        await ExpectCompletionAsync(session, MuxadoError.ProtocolViolation, localCode: MuxadoErrorCode.ProtocolError);
    }

    [Test]
    public async Task A_transport_that_takes_no_bytes_ends_the_session_after_the_write_stall_timeout()
    {
        var (session, peer) = await ConnectAsync(options => options.WriteStallTimeout = TimeSpan.FromMilliseconds(200));

        var write = await FillTheTransportAsync(session, peer);

        Assert.That((await write.FailsSoon()).Error, Is.EqualTo((await session.Completion.Soon()).Error));
        Assert.That((await session.Completion).Error, Is.Not.EqualTo(MuxadoError.None));
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

    /// <summary>Gives the session all the credit that there is and lets it write until the kernel takes no more.</summary>
    private async Task<Task> FillTheTransportAsync(MuxadoSession session, RawPeer peer)
    {
        var (stream, id) = await OpenAsync(session, peer);
        await peer.SendAsync(Frames.WndInc(id, int.MaxValue - InitialWindow));
        await peer.ExpectQuietAsync();
        return stream.WriteAsync(new byte[64 * 1024 * 1024]).AsTask();
    }

    private static async Task<MuxadoSessionCloseInfo> ExpectCompletionAsync(
        MuxadoSession session, MuxadoError error, MuxadoErrorCode? localCode = null, MuxadoErrorCode? peerCode = null)
    {
        var info = await session.Completion.Soon();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(info.Error, Is.EqualTo(error));
            if (localCode is not null)
                Assert.That(info.LocalCode, Is.EqualTo(localCode));
            Assert.That(info.PeerCode, Is.EqualTo(peerCode));
            Assert.That(info.Exception, error == MuxadoError.None ? Is.Null : Is.Not.Null);
        }
        return info;
    }

    /// <summary>What the peer did last before it ended its bytes.</summary>
    public enum BeforeTheEnd
    {
        Nothing,
        GoAway,
        UnreadData,
        PartOfAFrame,
        BlockedWriter,
        Fin,
    }
}
