using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>
/// Our GOAWAY arrives whatever the peer has sent that nobody read: closing a socket on unread bytes makes the system answer with a reset,
/// which destroys what is under way.
/// </summary>
public sealed class GoodbyeTests(Role role) : ConformanceFixture(role)
{
    [Test]
    public async Task Our_goaway_arrives_though_our_input_is_full_of_bytes()
    {
        var (session, peer) = await ConnectAsync();

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
    public async Task Our_goaway_arrives_when_we_close_though_the_session_had_stopped_to_read()
    {
        const int Limit = 1_024;
        var (session, peer) = await ConnectAsync(options => options.AcceptBacklog = 1);
        var (stream, _) = await FillTheTransportAsync(session, peer);
        var read = stream.ReadAsync(new byte[1]).AsTask();
        await peer.SendAsync(Frames.Syn(Theirs(10)));

        // Each is refused, and the peer takes none of the refusals: then the session takes no more of its frames.
        await peer.SendAsync([.. Enumerable.Range(11, Limit).Select(index => Frames.Syn(Theirs(index)))]);
        var unread = peer.SendAsync([.. Frames.Bulk(stream.Id, Pattern.Bytes(InitialWindow)), .. Frames.Bulk(stream.Id, new byte[1024 * 1024])]);
        await Timing.StaysPending(read, "A read behind frames that the session does not take");

        var close = session.CloseAsync().AsTask();

        while (await peer.ReceiveAsync("GOAWAY") is { Type: not WireType.GoAway })
        {
        }

        Assert.That(peer.Received[^1], Is.EqualTo(Frames.GoAway(Theirs(10), 0)));
        Assert.That(peer.Received.Count(frame => frame.Type == WireType.Rst), Is.AtLeast(Limit));
        await peer.ExpectEndAsync();
        await unread;
        peer.EndSending();
        await close.Soon();
        Assert.That((await read.FailsSoon()).Error, Is.EqualTo(MuxadoError.SessionClosed));
    }

    [Test]
    public async Task A_peer_that_goes_on_sending_after_our_goaway_is_read_for_a_second_and_no_longer()
    {
        var clock = new ManualTimeProvider();
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = clock);
        var (_, id) = await AcceptFirstAsync(session, peer);

        var close = session.CloseAsync().AsTask();
        await peer.ExpectGoAwayAsync(0);
        await peer.ExpectEndAsync();

        await peer.SendAsync(Frames.Bulk(id, Pattern.Bytes(InitialWindow)));
        clock.Advance(TimeSpan.FromSeconds(0.9));
        await peer.SendAsync(Frames.Bulk(id, new byte[1024 * 1024]));
        Assert.That(close.IsCompleted, Is.False);
        clock.Advance(TimeSpan.FromSeconds(0.2));
        await close.Soon();
        Assert.That((await session.Completion.Soon()).Error, Is.EqualTo(MuxadoError.None));
    }
}
