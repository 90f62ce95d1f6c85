using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>What may still come on a stream, or on half of one, that is closed: some of it is answered, and nothing of it ends the session.</summary>
public sealed class ClosedStreamTests(Role role) : ConformanceFixture(role)
{
    [Test]
    public async Task Data_after_fin_is_answered_by_reset_4_and_the_session_lives([Values] bool weOpened, [Values("or not", "")] string excess)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await StartAsync(session, peer, weOpened);
        await peer.SendAsync(Frames.DataFin(id, "the end"));

        await peer.SendAsync(Frames.Data(id, excess));

        await peer.ExpectAsync(Frames.Rst(id, 4));
        await peer.SendAsync(Frames.Data(id, "again"), Frames.DataFin(id, "and again"));
        await peer.ExpectQuietOnAsync(id);
        Assert.That(await ReadToEndAsync(stream), Is.EqualTo(Bytes("the end")), "what was finished stays whole");
        Assert.That((await stream.WriteAsync(Bytes("x")).FailsSoon()).ErrorCode, Is.EqualTo(MuxadoErrorCode.StreamClosed));
    }

    [Test]
    public async Task Data_after_both_sides_closed_is_answered_by_reset_4_once([Values] bool weOpened, [Values("late", "")] string late)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await StartAsync(session, peer, weOpened);
        await peer.SendAsync(Frames.Fin(id));
        Assert.That(await ReadToEndAsync(stream), Is.Empty);
        await stream.DisposeAsync().Soon();
        await peer.ExpectAsync(Frames.Fin(id));

        await peer.SendAsync(Frames.Data(id, late));

        await peer.ExpectAsync(Frames.Rst(id, 4));
        await peer.SendAsync(Frames.Data(id, "later"), Frames.DataFin(id, "latest"), Frames.Fin(id));
        await peer.ExpectQuietOnAsync(id);
    }

    [Test]
    public async Task A_second_empty_fin_is_ignored()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);

        await peer.SendAsync(Frames.Fin(id), Frames.Fin(id));
        await peer.ExpectQuietAsync();

        Assert.That(await ReadToEndAsync(stream), Is.Empty);
        await stream.WriteAsync(Bytes("fine")).Soon();
        await peer.ExpectAsync(Frames.Data(id, "fine"));
    }

    [Test]
    public async Task An_empty_fin_after_both_sides_closed_is_ignored()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await peer.SendAsync(Frames.Fin(id));
        Assert.That(await ReadToEndAsync(stream), Is.Empty);
        await stream.DisposeAsync().Soon();
        await peer.ExpectAsync(Frames.Fin(id));

        await peer.SendAsync(Frames.Fin(id));

        await peer.ExpectQuietAsync();
    }

    [Test]
    public async Task An_empty_fin_after_our_close_is_ignored()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await stream.DisposeAsync().Soon();
        await peer.ExpectAsync(Frames.Fin(id));

        await peer.SendAsync(Frames.Fin(id));

        await peer.ExpectQuietAsync();
    }

    [Test]
    public async Task Data_after_our_close_is_answered_by_reset_4_once([Values] bool weOpened, [Values("late", "")] string late)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await StartAsync(session, peer, weOpened);
        await stream.DisposeAsync().Soon();
        await peer.ExpectAsync(Frames.Fin(id));

        await peer.SendAsync(Frames.Data(id, late));

        await peer.ExpectAsync(Frames.Rst(id, 4));
        await peer.SendAsync(Frames.Data(id, "later"), Frames.DataFin(id, "latest"));
        await peer.ExpectQuietOnAsync(id);
    }

    [Test]
    public async Task Disposing_a_stream_with_unread_data_resets_it_with_4_once()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await peer.SendAsync(Frames.Data(id, "unread"));
        await peer.ExpectQuietAsync();

        await stream.DisposeAsync().Soon();

        await peer.ExpectAsync(Frames.Rst(id, 4));
        await peer.SendAsync(Frames.Data(id, "late"));
        await peer.ExpectQuietAsync();
    }

    [Test]
    public async Task Resets_and_credit_on_a_closed_stream_are_ignored()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await peer.SendAsync(Frames.Fin(id));
        Assert.That(await ReadToEndAsync(stream), Is.Empty);
        await stream.DisposeAsync().Soon();
        await peer.ExpectAsync(Frames.Fin(id));

        await peer.SendAsync(Frames.WndInc(id, 10), Frames.WndInc(id, 0x7FFF_FFFF), Frames.Rst(id, 4), Frames.Rst(id, 7));

        await peer.ExpectQuietAsync();
    }

    [Test]
    public async Task A_thousand_late_resets_of_used_streams_do_no_harm()
    {
        var (session, peer) = await ConnectAsync();
        for (var i = 0; i < 1_200; i++)
        {
            // Go answers our last frames with RST 4 when its application has closed already.
            await peer.SendAsync(Frames.Syn(Theirs(i)), Frames.DataFin(Theirs(i), "x"));
            var stream = await AcceptAsync(session);
            await stream.WriteAsync(await ReadToEndAsync(stream), completeWrites: true).Soon();
            await stream.DisposeAsync().Soon();
            await peer.ExpectAsync(Frames.DataFin(Theirs(i), "x"));
            await peer.SendAsync(Frames.Rst(Theirs(i), 4));
        }

        await peer.ExpectQuietAsync();
    }
}
