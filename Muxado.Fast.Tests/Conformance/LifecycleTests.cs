using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>Half-closing, closing, and what may still come afterwards.</summary>
public sealed class LifecycleTests(Role role) : ConformanceFixture(role)
{
    [Test]
    public async Task Only_the_last_frame_of_a_final_write_has_fin()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        var content = Pattern.Bytes(40_000);

        var write = stream.WriteAsync(content, completeWrites: true);

        Assert.That(await peer.ExpectDataAsync(id, content.Length, thenFin: true), Is.EqualTo(content));
        await write.Soon();
        Assert.That(peer.Received[^1].Payload.Length, Is.Positive, "FIN rides on the last data");
        await peer.ExpectQuietAsync();
    }

    [Test]
    public async Task A_final_write_of_nothing_is_an_empty_fin()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);

        await stream.WriteAsync(ReadOnlyMemory<byte>.Empty, completeWrites: true).Soon();

        await peer.ExpectAsync(Frames.Fin(id));
        await peer.ExpectQuietAsync();
    }

    [Test]
    public async Task Completing_writes_while_a_write_waits_for_credit_puts_fin_behind_it()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        var content = Pattern.Bytes(InitialWindow + 10);
        var write = stream.WriteAsync(content).AsTask();
        await peer.ExpectDataAsync(id, InitialWindow);

        stream.CompleteWrites();
        await peer.ExpectQuietAsync();
        await peer.SendAsync(Frames.WndInc(id, 10));

        await peer.ExpectAsync(Frames.DataFin(id, content[InitialWindow..]));
        await write.Soon();
    }

    [Test]
    public async Task Completing_writes_twice_sends_one_fin()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);

        stream.CompleteWrites();
        stream.CompleteWrites();
        await stream.DisposeAsync().Soon();
        await stream.DisposeAsync().Soon();

        await peer.ExpectAsync(Frames.Fin(id));
        await peer.ExpectQuietAsync();
    }

    [Test]
    public async Task A_stream_that_completed_its_writes_still_reads()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);

        await stream.WriteAsync(Bytes("question"), completeWrites: true).Soon();
        await peer.ExpectAsync(Frames.DataFin(id, "question"));
        await peer.SendAsync(Frames.DataFin(id, "answer"));

        Assert.That(await ReadToEndAsync(stream), Is.EqualTo(Bytes("answer")));
    }

    [Test]
    public async Task A_stream_whose_peer_completed_its_writes_still_writes()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await peer.SendAsync(Frames.DataFin(id, "question"));
        Assert.That(await ReadToEndAsync(stream), Is.EqualTo(Bytes("question")));

        await stream.WriteAsync(Bytes("answer")).Soon();
        stream.CompleteWrites();

        Assert.That(await peer.ExpectDataAsync(id, 6, thenFin: true), Is.EqualTo(Bytes("answer")));
    }

    [Test]
    public async Task Data_and_fin_may_come_before_the_stream_is_accepted()
    {
        var (session, peer) = await ConnectAsync();
        await peer.SendAsync(Frames.Syn(Theirs(0)), Frames.DataFin(Theirs(0), "all at once"));
        await peer.ExpectQuietAsync();

        var stream = await AcceptAsync(session);

        Assert.That(await ReadToEndAsync(stream), Is.EqualTo(Bytes("all at once")));
    }

    [Test]
    public async Task Fin_leaves_at_a_zero_window()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        var write = stream.WriteAsync(Pattern.Bytes(InitialWindow));
        await peer.ExpectDataAsync(id, InitialWindow);
        await write.Soon();

        stream.CompleteWrites();

        await peer.ExpectAsync(Frames.Fin(id));
    }

    [Test]
    public async Task Fin_is_received_at_a_zero_window()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);

        await peer.SendAsync([.. Frames.Bulk(id, Pattern.Bytes(InitialWindow)), Frames.Fin(id)]);

        Assert.That(await ReadToEndAsync(stream), Is.EqualTo(Pattern.Bytes(InitialWindow)));
    }

    [Test]
    public async Task Data_after_fin_is_answered_by_reset_4_and_the_session_lives()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await peer.SendAsync(Frames.DataFin(id, "the end"));
        Assert.That(await ReadToEndAsync(stream), Is.EqualTo(Bytes("the end")));

        await peer.SendAsync(Frames.Data(id, "or not"));

        await peer.ExpectAsync(Frames.Rst(id, 4));
        await peer.SendAsync(Frames.Data(id, "again"), Frames.DataFin(id, "and again"));
        await peer.ExpectQuietAsync();
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
    public async Task Data_after_our_close_is_answered_by_reset_4_once()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await stream.DisposeAsync().Soon();
        await peer.ExpectAsync(Frames.Fin(id));

        await peer.SendAsync(Frames.Data(id, "late"));

        await peer.ExpectAsync(Frames.Rst(id, 4));
        await peer.SendAsync(Frames.Data(id, "later"), Frames.DataFin(id, "latest"));
        await peer.ExpectQuietAsync();
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
