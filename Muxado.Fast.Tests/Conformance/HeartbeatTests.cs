using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>The peer's heartbeat, which is always answered, and other streams of reserved types.</summary>
public sealed class HeartbeatTests(Role role) : ConformanceFixture(role)
{
    [Test]
    public async Task A_heartbeat_is_echoed_verbatim_though_ours_is_off()
    {
        var (_, peer) = await ConnectAsync();
        var id = Theirs(0);

        await peer.SendAsync(Frames.Heartbeat(id));
        foreach (var beat in (byte[][])[[0, 0, 0, 0], [0, 0, 0, 1], [0xFF, 0xFF, 0xFF, 0xFF], [0x12, 0x34, 0x56, 0x78]])
        {
            await peer.SendAsync(Frames.Data(id, beat));
            await peer.ExpectAsync(Frames.Data(id, beat));
        }
    }

    [Test]
    public async Task A_heartbeat_is_echoed_however_it_is_cut_into_frames()
    {
        var (_, peer) = await ConnectAsync();
        var id = Theirs(0);

        await peer.SendAsync(Frames.Heartbeat(id), Frames.Data(id, [1, 2]), Frames.Data(id, ""), Frames.Data(id, [3]));
        await peer.SendAsync(Frames.Data(id, [4, 5, 6, 7, 8, 9, 10, 11, 12]));

        Assert.That(await peer.ExpectDataAsync(id, 12), Is.EqualTo(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }));
    }

    [Test]
    public async Task A_heartbeat_is_known_by_its_type_and_not_by_its_id_or_priority()
    {
        var (session, peer) = await ConnectAsync();
        await peer.SendAsync(Frames.Syn(Theirs(0)), Frames.SynWithType(Theirs(7), Frames.HeartbeatType));

        await peer.SendAsync(Frames.Data(Theirs(7), [1, 2, 3, 4]), Frames.Syn(Theirs(8)));

        await peer.ExpectAsync(Frames.Data(Theirs(7), [1, 2, 3, 4]));
        Assert.That((await AcceptAsync(session)).Id, Is.EqualTo(Theirs(0)));
        Assert.That((await AcceptAsync(session)).Id, Is.EqualTo(Theirs(8)));
    }

    [Test]
    public async Task The_heartbeats_credit_never_runs_out()
    {
        var (_, peer) = await ConnectAsync();
        await peer.PingAsync();
        var id = Theirs(0);
        var sent = 4;
        while (sent < 3 * InitialWindow)
        {
            var beats = Pattern.Bytes(8_000);
            if (sent + beats.Length > InitialWindow + peer.CreditFor(id))
                await peer.ExpectCreditAsync(id, sent + beats.Length - InitialWindow);
            await peer.SendAsync(Frames.WndInc(id, (uint)beats.Length), Frames.Data(id, beats));
            Assert.That(await peer.ExpectDataAsync(id, beats.Length), Is.EqualTo(beats));
            sent += beats.Length;
        }
    }

    [Test]
    public async Task A_second_heartbeat_is_refused_and_the_session_lives()
    {
        var (_, peer) = await ConnectAsync();
        await peer.PingAsync();

        await peer.SendAsync(Frames.Heartbeat(Theirs(1)));

        await peer.ExpectAsync(Frames.Rst(Theirs(1), 6));
        await peer.SendAsync(Frames.Data(Theirs(1), [1, 2, 3, 4]));
        await peer.ExpectQuietAsync();
    }

    [Test]
    public async Task Of_two_heartbeats_at_once_the_first_is_kept()
    {
        var (_, peer) = await ConnectAsync();

        await peer.SendAsync(Frames.Heartbeat(Theirs(0)), Frames.Heartbeat(Theirs(1)));

        await peer.ExpectAsync(Frames.Rst(Theirs(1), 6));
        await peer.SendAsync(Frames.Data(Theirs(0), [1, 2, 3, 4]));
        await peer.ExpectAsync(Frames.Data(Theirs(0), [1, 2, 3, 4]));
    }

    [Test]
    public async Task A_heartbeat_that_the_peer_finishes_is_neither_finished_nor_reset_by_us()
    {
        var (session, peer) = await ConnectAsync();
        await peer.PingAsync();

        await peer.SendAsync(Frames.Fin(Theirs(0)), Frames.Syn(Theirs(1)), Frames.DataFin(Theirs(1), "alive"));

        var stream = await AcceptAsync(session);
        Assert.That(await ReadToEndAsync(stream), Is.EqualTo(Bytes("alive")));
        await stream.WriteAsync(Bytes("as well"), completeWrites: true).Soon();
        await peer.ExpectAsync(Frames.DataFin(Theirs(1), "as well"));
        var close = session.CloseAsync().AsTask();
        await peer.ExpectAsync(Frames.GoAway(Theirs(1), 0));
        await peer.ExpectEndAsync();
        peer.EndSending();
        await close.Soon();
    }

    [Test]
    public async Task A_peer_that_resets_our_heartbeat_keeps_its_session()
    {
        var (session, peer) = await ConnectAsync(options => options.HeartbeatInterval = TimeSpan.FromSeconds(3));
        await peer.ExpectAsync(Frames.Heartbeat(Ours(0)));

        await peer.SendAsync(Frames.Rst(Ours(0), 4));

        await peer.ExpectQuietAsync();
        var (stream, id) = await OpenAsync(session, peer);
        await peer.SendAsync(Frames.DataFin(id, "alive"));
        Assert.That(await ReadToEndAsync(stream), Is.EqualTo(Bytes("alive")));
    }

    [Test]
    public async Task A_heartbeat_does_not_count_as_a_stream_of_the_application()
    {
        var (session, peer) = await ConnectAsync(options =>
        {
            options.MaxInboundStreams = 1;
            options.AcceptBacklog = 1;
            options.HeartbeatInterval = TimeSpan.FromSeconds(3);
        });
        await peer.ExpectAsync(Frames.Heartbeat(Ours(0)));
        await peer.PingAsync();

        Assert.That(session.ActiveStreams, Is.Zero);
        await peer.SendAsync(Frames.Syn(Theirs(1)));
        await peer.ExpectQuietAsync();
        Assert.That((await AcceptAsync(session)).Id, Is.EqualTo(Theirs(1)));
        Assert.That(session.ActiveStreams, Is.EqualTo(1));
    }

    [Test]
    public async Task A_reserved_type_that_nobody_registered_is_reset_with_4_and_leaves_no_trace(
        [Values(Frames.HeartbeatType + 1, uint.MaxValue)] uint type)
    {
        var (session, peer) = await ConnectAsync();

        await peer.SendAsync(Frames.SynWithType(Theirs(0), type), Frames.Data(Theirs(0), "hello"), Frames.Fin(Theirs(0)));

        await peer.ExpectAsync(Frames.Rst(Theirs(0), 4));
        await peer.ExpectQuietAsync();
        Assert.That(session.ActiveStreams, Is.Zero);
        var accept = session.AcceptStreamAsync().AsTask();
        await peer.ExpectQuietAsync();
        Assert.That(accept.IsCompleted, Is.False);
    }

    [Test]
    public async Task Our_heartbeat_is_neither_reset_nor_finished_when_the_session_closes()
    {
        var (session, peer) = await ConnectAsync(options => options.HeartbeatInterval = TimeSpan.FromSeconds(3));
        await peer.ExpectAsync(Frames.Heartbeat(Ours(0)));
        await peer.PingAsync();

        var close = session.CloseAsync().AsTask();

        await peer.ExpectAsync(Frames.GoAway(Theirs(0), 0));
        await peer.ExpectEndAsync();
        peer.EndSending();
        await close.Soon();
        Assert.That(peer.Received.Where(frame => frame.Type == WireType.Rst || frame.HasFin), Is.Empty);
    }

    [Test]
    public async Task A_goaway_before_our_heartbeat_was_seen_does_no_harm()
    {
        var (session, peer) = await ConnectAsync(options => options.HeartbeatInterval = TimeSpan.FromSeconds(3));

        await peer.SendAsync(Frames.GoGoAway(0, 0, 15));

        await peer.ExpectAsync(Frames.Heartbeat(Ours(0)));
        await peer.ExpectQuietAsync();
        Assert.That(session.Completion.IsCompleted, Is.False);
    }
}
