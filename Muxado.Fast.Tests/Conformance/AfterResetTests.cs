using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>What may still pass on a stream that was reset: from us nothing, and of what the peer had under way nothing counts.</summary>
public sealed class AfterResetTests(Role role) : ConformanceFixture(role)
{
    [Test]
    public async Task Nothing_is_sent_on_a_stream_after_its_reset_was_seen()
    {
        var clock = new ManualTimeProvider();
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = clock);
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await peer.SendAsync([.. Frames.Bulk(id, Pattern.Bytes(InitialWindow)), Frames.Rst(id, 7)]);
        await peer.ExpectQuietAsync();

        Assert.That(await ReadAsync(stream, InitialWindow), Is.EqualTo(Pattern.Bytes(InitialWindow)));
        await stream.ReadAsync(new byte[1]).FailsSoon();
        await stream.WriteAsync(Bytes("too late")).FailsSoon();
        stream.CompleteWrites();
        await stream.DisposeAsync().Soon();
        await peer.SendAsync(Frames.Data(id, "noise"), Frames.Fin(id), Frames.WndInc(id, 1));
        clock.Advance(TimeSpan.FromSeconds(1));

        await peer.ExpectQuietOnAsync(id);
    }

    [Test]
    public async Task Credit_that_was_owed_is_not_sent_after_the_peers_reset()
    {
        var clock = new ManualTimeProvider();
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = clock);
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await peer.SendAsync(Frames.Data(id, "hello"));
        Assert.That(await ReadTextAsync(stream, 5), Is.EqualTo("hello"));
        var blocked = stream.ReadAsync(new byte[1]);

        await peer.SendAsync(Frames.Rst(id, 7));
        await blocked.FailsSoon();
        clock.Advance(TimeSpan.FromSeconds(1));

        await peer.ExpectQuietOnAsync(id);
        Assert.That(peer.CreditFor(id), Is.Zero);
    }

    [Test]
    public async Task What_is_left_of_a_large_write_is_not_sent_after_the_peers_reset()
    {
        const int Size = 32 * 1024 * 1024; // More than the system takes while the peer reads nothing.
        var (session, peer) = await ConnectAsync();
        await peer.PingAsync();
        var (stream, id) = await OpenAsync(session, peer);
        await peer.SendAsync(Frames.WndInc(id, Size));
        await peer.ExpectQuietAsync();
        var write = stream.WriteAsync(new byte[Size]).AsTask();

        var marker = Frames.Data(Theirs(0), [1, 2, 3, 4]); // On the peer's heartbeat: its echo tells that the reset was seen.
        await peer.SendAsync(Frames.Rst(id, 7), marker);

        Assert.That((await write.FailsSoon()).ErrorCode, Is.EqualTo(MuxadoErrorCode.Cancel));
        var sent = 0;
        while (await peer.ReceiveAsync("the echo") is { } frame && !frame.Equals(marker))
            sent += frame.StreamId == id ? frame.Length : 0;
        Assert.That(sent, Is.LessThan(Size));
        await peer.ExpectQuietOnAsync(id);
    }

    [Test]
    public async Task Data_in_flight_on_a_stream_that_we_reset_is_dropped_without_a_second_reset([Values] bool weOpened)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await StartAsync(session, peer, weOpened);
        stream.Abort();
        await peer.ExpectAsync(Frames.Rst(id, 7));

        await peer.SendAsync(
            Frames.Data(id, "on"),
            Frames.Data(id, "its"),
            Frames.DataFin(id, "way"),
            Frames.Fin(id),
            Frames.WndInc(id, 1),
            Frames.WndInc(id, 0),
            Frames.Rst(id, 7));

        await peer.ExpectQuietOnAsync(id);
        Assert.That((await stream.ReadAsync(new byte[1]).FailsSoon()).Error, Is.EqualTo(MuxadoError.StreamAborted));
    }

    [Test]
    public async Task A_window_of_data_may_be_in_flight_on_a_stream_that_we_reset()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        stream.Abort();
        await peer.ExpectAsync(Frames.Rst(id, 7));

        await peer.SendAsync([.. Frames.Bulk(id, Pattern.Bytes(InitialWindow)), Frames.Syn(Theirs(1)), Frames.Data(Theirs(1), "next")]);

        Assert.That(await ReadTextAsync(await AcceptAsync(session), 4), Is.EqualTo("next"));
        await peer.ExpectQuietOnAsync(id);
    }

    [Test]
    public async Task The_rest_of_a_frame_is_dropped_when_we_reset_its_stream_in_the_middle()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await peer.PingAsync();
        await peer.SendAsync(Frames.Raw((int)WireType.Data, 0, id, length: 10, "hello"u8));
        Assert.That(await ReadTextAsync(stream, 5), Is.EqualTo("hello"));

        stream.Abort();
        await peer.ExpectAsync(Frames.Rst(id, 7));
        await peer.SendBytesAsync(Bytes("world"));

        await peer.ExpectQuietOnAsync(id);
    }

    [Test]
    public async Task The_rest_of_a_frame_is_answered_by_one_reset_when_we_closed_its_stream_in_the_middle()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await peer.PingAsync();
        await peer.SendAsync(Frames.Raw((int)WireType.Data, 0, id, length: 10, "hello"u8));
        Assert.That(await ReadTextAsync(stream, 5), Is.EqualTo("hello"));

        await stream.DisposeAsync().Soon();
        await peer.ExpectAsync(Frames.Fin(id));
        await peer.SendBytesAsync(Bytes("wor"));
        await peer.ExpectAsync(Frames.Rst(id, 4));
        await peer.SendBytesAsync(Bytes("ld"));

        await peer.ExpectQuietOnAsync(id);
    }

    [Test]
    public async Task As_many_streams_as_may_be_open_can_be_reset_at_once_and_none_draws_a_second_reset()
    {
        const int Streams = 1_024;
        var (session, peer) = await ConnectAsync();
        WireFrame[] ForEach(Func<uint, WireFrame> frame) => [.. Enumerable.Range(0, Streams).Select(index => frame(Theirs(index)))];
        await peer.SendAsync(ForEach(Frames.Syn));
        for (var i = 0; i < Streams; i++)
            (await AcceptAsync(session)).Abort();
        await peer.ExpectAsync(ForEach(id => Frames.Rst(id, 7)));

        await peer.SendAsync(ForEach(id => Frames.Data(id, "late")));

        await peer.ExpectQuietAsync();
    }
}
