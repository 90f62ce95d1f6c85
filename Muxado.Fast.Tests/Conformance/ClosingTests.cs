using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>How this side ends a session: the peer gets our last words, and we get an end in bounded time.</summary>
public sealed class ClosingTests(Role role) : ConformanceFixture(role)
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
        var (_, write) = await FillTheTransportAsync(session, peer);

        await peer.SendAsync(Frames.Raw(31, 0, 0, 0));

        Assert.That((await write.FailsSoon()).Error, Is.EqualTo(MuxadoError.ProtocolViolation));
        await ExpectCompletionAsync(session, MuxadoError.ProtocolViolation, localCode: MuxadoErrorCode.ProtocolError);
    }

    [Test]
    public async Task A_transport_that_takes_no_bytes_ends_the_session_after_the_write_stall_timeout()
    {
        var (session, peer) = await ConnectAsync(options => options.WriteStallTimeout = TimeSpan.FromMilliseconds(200));

        var (_, write) = await FillTheTransportAsync(session, peer);

        Assert.That((await write.FailsSoon()).Error, Is.EqualTo((await session.Completion.Soon()).Error));
        Assert.That((await session.Completion).Error, Is.Not.EqualTo(MuxadoError.None));
    }
}
