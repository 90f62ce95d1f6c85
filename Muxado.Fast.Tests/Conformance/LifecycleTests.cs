using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>Half-closing and closing. (What may still come afterwards: <see cref="ClosedStreamTests"/>.)</summary>
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
}
