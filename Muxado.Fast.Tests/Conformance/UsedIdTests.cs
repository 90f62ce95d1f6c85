using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>Ids before anybody has used them, and ids that cannot be used again.</summary>
public sealed class UsedIdTests(Role role) : ConformanceFixture(role)
{
    [Test]
    public async Task Before_any_stream_was_opened_a_frame_on_any_id_ends_the_session(
        [Values(WireType.Data, WireType.Rst, WireType.WndInc)] WireType type, [Values(1u, 2u, 3u, 0x7FFF_FFFEu, 0x7FFF_FFFFu)] uint id)
    {
        var (session, peer) = await ConnectAsync();

        await peer.SendAsync(Frames.Raw((int)type, 0, id, 4));

        var (info, goAway) = await ExpectSessionErrorAsync(session, peer, MuxadoErrorCode.ProtocolError);
        Assert.That(goAway.LastId, Is.Zero);
        Assert.That(info.Exception!.Message, Does.Contain($"stream {id}"));
    }

    [Test]
    public async Task A_frame_on_stream_1_ends_the_session_though_later_streams_live(
        [Values(WireType.Data, WireType.Rst, WireType.WndInc)] WireType type)
    {
        var (session, peer) = await ConnectAsync();
        await OpenAsync(session, peer);
        await AcceptFirstAsync(session, peer);

        await peer.SendAsync(Frames.Raw((int)type, 0, 1, 4));

        await ExpectSessionErrorAsync(session, peer, MuxadoErrorCode.ProtocolError);
    }

    [Test]
    public async Task A_stream_that_is_over_cannot_be_opened_again()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await peer.SendAsync(Frames.Fin(id));
        Assert.That(await ReadToEndAsync(stream), Is.Empty);
        await stream.DisposeAsync().Soon();
        await peer.ExpectAsync(Frames.Fin(id));

        await peer.SendAsync(Frames.Syn(id));

        await ExpectSessionErrorAsync(session, peer, MuxadoErrorCode.ProtocolError);
    }

    [Test]
    public async Task A_stream_that_was_refused_cannot_be_opened_again()
    {
        var (session, peer) = await ConnectAsync(options => options.AcceptBacklog = 1);
        await peer.SendAsync(Frames.Syn(Theirs(0)), Frames.Syn(Theirs(1)));
        await peer.ExpectAsync(Frames.Rst(Theirs(1), 6));

        await peer.SendAsync(Frames.Syn(Theirs(1)));

        await ExpectSessionErrorAsync(session, peer, MuxadoErrorCode.ProtocolError);
    }

    [Test]
    public async Task A_stream_that_came_after_our_goaway_cannot_be_opened_again()
    {
        var (session, peer) = await ConnectAsync();
        await session.GoAwayAsync().Soon();
        await peer.ExpectGoAwayAsync(0);
        await peer.SendAsync(Frames.Syn(Theirs(0)));
        await peer.ExpectAsync(Frames.Rst(Theirs(0), 6));

        await peer.SendAsync(Frames.Syn(Theirs(0)));

        await ExpectSessionErrorAsync(session, peer, MuxadoErrorCode.ProtocolError);
    }
}
