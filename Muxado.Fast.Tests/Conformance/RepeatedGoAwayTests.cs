using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>A second GOAWAY takes back none of the first: the last stream that it names may only be lower.</summary>
public sealed class RepeatedGoAwayTests(Role role) : ConformanceFixture(role)
{
    [Test]
    public async Task Our_second_goaway_names_no_more_than_the_first_though_the_peer_opened_more()
    {
        var (session, peer) = await ConnectAsync();
        await AcceptFirstAsync(session, peer);
        await session.GoAwayAsync().Soon();
        await peer.ExpectAsync(Frames.GoAway(Theirs(0), 0));
        await peer.SendAsync(Frames.Syn(Theirs(1)), Frames.SynWithType(Theirs(2), Frames.HeartbeatType + 1));
        await peer.ExpectAsync(Frames.Rst(Theirs(1), 6), Frames.Rst(Theirs(2), 4));

        await session.GoAwayAsync(MuxadoErrorCode.Cancel).Soon();
        await peer.ExpectAsync(Frames.GoAway(Theirs(0), 7));
        var close = session.CloseAsync().AsTask();

        await peer.ExpectAsync(Frames.GoAway(Theirs(0), 0));
        await peer.ExpectEndAsync();
        peer.EndSending();
        await close.Soon();
    }

    [Test]
    public async Task A_second_goaway_may_lower_the_last_stream()
    {
        var (session, peer) = await ConnectAsync();
        var (first, firstId) = await OpenAsync(session, peer);
        var (second, secondId) = await OpenAsync(session, peer);
        await peer.SendAsync(Frames.PlainGoAway(secondId, 0));
        await peer.ExpectQuietAsync();
        await second.WriteAsync(Bytes("alive")).Soon();
        await peer.ExpectAsync(Frames.Data(secondId, "alive"));

        await peer.SendAsync(Frames.PlainGoAway(firstId, 0));

        Assert.That((await second.ReadAsync(new byte[1]).FailsSoon()).IsRetrySafe);
        await first.WriteAsync(Bytes("still")).Soon();
        await peer.ExpectAsync(Frames.Data(firstId, "still"));
    }

    [Test]
    public async Task A_second_goaway_cannot_raise_the_last_stream()
    {
        var (session, peer) = await ConnectAsync();
        var (_, firstId) = await OpenAsync(session, peer);
        var (second, secondId) = await OpenAsync(session, peer);

        await peer.SendAsync(Frames.PlainGoAway(firstId, 0), Frames.PlainGoAway(secondId, 0));

        await peer.ExpectQuietAsync();
        Assert.That((await second.WriteAsync(Bytes("x")).FailsSoon()).IsRetrySafe);
        Assert.That((await Task.Run(() => session.OpenStream()).FailsSoon()).Error, Is.EqualTo(MuxadoError.GoingAway));
    }
}
