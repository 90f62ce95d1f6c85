using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>A peer that stops in the middle, at the limits that a session has by default.</summary>
public sealed class StallTests(Role role) : AttackFixture(role)
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(100);

    private readonly ManualTimeProvider _clock = new();

    [Test]
    public async Task A_frame_that_is_not_finished_in_30_seconds_ends_its_session_and_disturbs_nobody_until_then()
    {
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = _clock);
        var (other, otherPeer) = await ConnectAsync(options => options.TimeProvider = _clock);
        var (stalled, stalledId) = await AcceptFirstAsync(session, peer);
        await peer.SendAsync(Frames.Syn(Theirs(1)));
        var writing = await AcceptAsync(session);
        var (unharmed, unharmedId) = await AcceptFirstAsync(other, otherPeer);

        await SendPartAsync(peer, stalled, Frames.Raw((int)WireType.Data, 0, stalledId, length: 10_000, "the beginning"u8).Bytes);
        _clock.Advance(TimeSpan.FromSeconds(30) - s_moment);

        await writing.WriteAsync(Bytes("still sent")).Soon();
        await peer.ExpectAsync(Frames.Data(Theirs(1), "still sent"));
        await otherPeer.SendAsync(Frames.Data(unharmedId, "still read"));
        Assert.That(await ReadTextAsync(unharmed, 10), Is.EqualTo("still read"));
        Assert.That(session.Completion.IsCompleted, Is.False);

        _clock.Advance(s_moment);
        var (info, _) = await ExpectSessionErrorAsync(session, peer, MuxadoErrorCode.ProtocolError);
        Assert.That(info.Exception!.Message, Does.Contain("the rest of a frame"));
        Assert.That((await stalled.ReadAsync(new byte[1]).FailsSoon()).Error, Is.EqualTo(MuxadoError.ProtocolViolation));
        await otherPeer.ExpectQuietAsync();
    }

    [Test]
    public async Task A_frame_that_trickles_has_no_longer_than_one_that_stalls()
    {
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = _clock);
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await SendPartAsync(peer, stream, Frames.Raw((int)WireType.Data, 0, id, length: 10_000, [1]).Bytes);

        for (var second = 1; second < 30; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await SendPartAsync(peer, stream, new byte[] { 1 });
        }

        Assert.That(session.Completion.IsCompleted, Is.False);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await ExpectSessionErrorAsync(session, peer, MuxadoErrorCode.ProtocolError);
    }

    [Test]
    public async Task The_debug_bytes_of_a_goaway_have_no_longer_than_another_frames_and_the_frame_behind_them_has_as_long()
    {
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = _clock);
        var (stream, id) = await AcceptFirstAsync(session, peer);
        var data = Frames.Data(id, "x").Bytes.ToArray();
        var goAway = Frames.GoAway(0, 0, "why it goes").Bytes;
        var syn = Frames.Syn(Theirs(1)).Bytes;
        await SendPartAsync(peer, stream, (byte[])[.. data, .. goAway[..^3].Span]);
        _clock.Advance(TimeSpan.FromSeconds(20));
        await peer.SendBytesAsync(goAway[^3..]);
        await SendPartAsync(peer, stream, (byte[])[.. data, .. syn[..3].Span]);
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.That(session.Completion.IsCompleted, Is.False, "the second frame has a time of its own");

        await peer.SendBytesAsync(syn[3..]);
        await SendPartAsync(peer, stream, (byte[])[.. data, .. goAway[..^3].Span]);
        for (var second = 0; second < 29; second++)
            _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(session.Completion.IsCompleted, Is.False);
        _clock.Advance(TimeSpan.FromSeconds(1));

        await peer.ExpectGoAwayAsync((uint)MuxadoErrorCode.ProtocolError);
        peer.EndSending();
        var info = await ExpectCompletionAsync(session, MuxadoError.ProtocolViolation, peerCode: MuxadoErrorCode.NoError);
        Assert.That(info.Exception!.Message, Does.Contain("the rest of a frame"));
    }

    [Test]
    public async Task Closing_takes_5_seconds_at_most_though_the_peer_takes_nothing()
    {
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = _clock, outputBytes: 4 * 1024);
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await peer.SendAsync(Frames.WndInc(id, 100 * InitialWindow));
        await peer.ExpectQuietAsync();
        var write = stream.WriteAsync(new byte[100 * InitialWindow]).AsTask();
        await UntilStuckAsync(session);

        var close = session.CloseAsync().AsTask();
        Assert.That((await write.FailsSoon()).Error, Is.EqualTo(MuxadoError.SessionClosed));
        _clock.Advance(TimeSpan.FromSeconds(5) - s_moment);
        await Timing.StaysPending(close, "Closing");
        _clock.Advance(s_moment);

        await close.Soon();
        await ExpectCompletionAsync(session, MuxadoError.None, localCode: MuxadoErrorCode.NoError);
    }
}
