using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>
/// A peer opens streams and resets them at once (CVE-2023-44487), or provokes us to (CVE-2025-8671), so as to have more work done
/// than its limits allow.
/// </summary>
public sealed class RapidResetTests(Role role) : AttackFixture(role)
{
    private static readonly object[] s_earlyEnds =
    [
        new object[] { "reset by the peer", (Func<uint, WireFrame[]>)(id => [Frames.Syn(id), Frames.Rst(id, 7)]), 0u },
        new object[] { "reset by the peer after its end", (Func<uint, WireFrame[]>)(id => [Frames.SynWithFin(id), Frames.Fin(id), Frames.Rst(id, 7)]), 0u },
        new object[] { "data after FIN", (Func<uint, WireFrame[]>)(id => [Frames.Syn(id), Frames.Fin(id), Frames.Data(id, "x")]), 4u },
        new object[] { "data past the window", (Func<uint, WireFrame[]>)(id => [Frames.Syn(id), .. Frames.Bulk(id, new byte[InitialWindow + 1])]), 3u },
        new object[] { "credit past 2^31-1", (Func<uint, WireFrame[]>)(id => [Frames.Syn(id), Frames.WndInc(id, int.MaxValue)]), 3u },
    ];

    [Test]
    public async Task A_reset_stream_leaves_the_backlog()
    {
        var (session, peer) = await ConnectAsync(options => options.AcceptBacklog = options.MaxInboundStreams = 1);

        await peer.SendBytesAsync(peer.Flood(900, n => [Frames.Syn(Theirs(n)), Frames.Data(Theirs(n), "x"), Frames.Rst(Theirs(n), 7)]));

        await peer.ExpectQuietAsync();
        var snapshot = session.GetSnapshot();
        Assert.That((snapshot.QueuedStreams, snapshot.ActiveStreams, snapshot.ResetsReceived), Is.EqualTo((0, 0, 900L)));
        await peer.SendAsync(Frames.Syn(Theirs(1000)));
        Assert.That((await AcceptAsync(session)).Id, Is.EqualTo(Theirs(1000)));
    }

    [Test]
    public async Task A_reset_stream_keeps_its_place_until_the_application_lets_go_of_it()
    {
        const int Most = 10;
        var (session, peer) = await ConnectAsync(options => options.MaxInboundStreams = Most);
        await peer.SendBytesAsync(peer.Flood(Most, n => [Frames.Syn(Theirs(n))]));
        var atWork = new List<MuxadoStream>();
        while (atWork.Count < Most)
            atWork.Add(await AcceptAsync(session));

        await peer.SendBytesAsync(peer.Flood(Most, n => [Frames.Rst(Theirs(n), 7)]));
        for (var n = Most; n < 2 * Most; n++)
        {
            await peer.SendAsync(Frames.Syn(Theirs(n)));
            await peer.ExpectAsync(Frames.Rst(Theirs(n), 6));
        }

        await atWork[0].DisposeAsync();
        await peer.SendAsync(Frames.Syn(Theirs(2 * Most)), Frames.Syn(Theirs(2 * Most + 1)));
        await peer.ExpectAsync(Frames.Rst(Theirs(2 * Most + 1), 6));
        Assert.That((await AcceptAsync(session)).Id, Is.EqualTo(Theirs(2 * Most)));
    }

    [Test]
    public async Task Early_resets_of_1024_at_once_and_a_hundred_a_second_are_allowed_and_one_more_ends_the_session()
    {
        var clock = new ManualTimeProvider();
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = clock);
        await peer.SendBytesAsync(peer.Flood(1024, n => [Frames.Syn(Theirs(n)), Frames.Rst(Theirs(n), 7)]));
        await peer.ExpectQuietAsync();
        clock.Advance(TimeSpan.FromSeconds(1));
        await peer.SendBytesAsync(peer.Flood(100, n => [Frames.Syn(Theirs(1100 + n)), Frames.Rst(Theirs(1100 + n), 7)]));
        await peer.ExpectQuietAsync();

        await peer.SendAsync(Frames.Syn(Theirs(2000)), Frames.Rst(Theirs(2000), 7));

        var (info, goAway) = await ExpectSessionErrorAsync(session, peer, MuxadoErrorCode.ProtocolError);
        Assert.That(info.Exception!.Message, Does.Contain("too many streams reset before they had an answer"));
        Assert.That(goAway.Debug, Does.Contain("too many"), "the peer is told");
        Assert.That(session.GetSnapshot().ResetsReceived, Is.EqualTo(1125));
    }

    [Test]
    public async Task A_peer_may_call_off_everything_it_has_open_at_once([Values] bool areAccepted)
    {
        var (session, peer) = await ConnectAsync();
        var most = new MuxadoSessionOptions().MaxInboundStreams;
        await peer.SendBytesAsync(peer.Flood(most, n => [Frames.Syn(Theirs(n))]));
        for (var n = 0; areAccepted && n < most; n++)
            await AcceptAsync(session);

        await peer.SendBytesAsync(peer.Flood(most, n => [Frames.Rst(Theirs(n), 7)]));

        await peer.PingAsync();
        Assert.That((session.GetSnapshot().ResetsReceived, session.Completion.IsCompleted), Is.EqualTo(((long)most, false)));
    }

    [TestCaseSource(nameof(s_earlyEnds))]
    public async Task Every_way_to_have_a_stream_end_early_is_charged_and_leaves_nothing_in_the_backlog(
        string name, Func<uint, WireFrame[]> frames, uint answer)
    {
        const int Budget = 20;
        var (session, peer) = await ConnectAsync(options => (options.EarlyResetBurst, options.EarlyResetsPerSecond) = (Budget, 0));
        for (var n = 0; n < Budget; n++)
        {
            await peer.SendAsync(frames(Theirs(n)));
            if (answer != 0)
                await peer.ExpectAsync(Frames.Rst(Theirs(n), answer));
        }

        await peer.PingAsync();
        var snapshot = session.GetSnapshot();
        Assert.That((snapshot.QueuedStreams, snapshot.ActiveStreams, snapshot.Streams.Count(stream => !stream.IsExtension)), Is.EqualTo((0, 0, 0)), name);
        Assert.That(snapshot.ResetsSent + snapshot.ResetsReceived, Is.EqualTo(Budget), name);

        await peer.SendAsync(frames(Theirs(Budget + 1)));
        if (answer != 0)
            await peer.ExpectAsync(Frames.Rst(Theirs(Budget + 1), answer));
        var (info, _) = await ExpectSessionErrorAsync(session, peer, MuxadoErrorCode.ProtocolError);
        Assert.That(info.Exception!.Message, Does.Contain("too many"), name);
    }
}
