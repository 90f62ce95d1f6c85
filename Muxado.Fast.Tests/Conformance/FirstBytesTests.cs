using Muxado.Fast.Buffers;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>Peers that speak something else.</summary>
public sealed class FirstBytesTests(Role role) : ConformanceFixture(role)
{
    private static readonly object[] s_otherProtocols =
    [
        Text("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        Text("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n", code: 5),
        Text("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"),
        Text("PUT / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        Text("DELETE / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        Text("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        Text("CONNECT localhost:80 HTTP/1.1\r\n\r\n"),
        Text("PATCH / HTTP/1.1\r\nHost: localhost\r\n\r\n"), // A DATA frame, on a stream that nobody opened.
        Text("TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        Text("HTTP/1.1 400 Bad Request\r\n\r\n"),
        Text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Text("SSH-2.0-OpenSSH_9.2\r\n"),
        Hex("TLS 1.3 ClientHello", "16030100f8010000f40303000102030405060708090a0b0c0d0e0f"),
        Hex("TLS 1.3 ClientHello of over 255 bytes", "1603010200010001fc0303000102030405060708090a0b0c0d0e0f", code: 5),
        Hex("TLS 1.3 ClientHello of over 767 bytes", "16030103ff010003fb0303000102030405060708090a0b0c0d0e0f"),
        Hex("TLS 1.3 ClientHello of over 1,023 bytes", "16030104ff010004fb0303000102030405060708090a0b0c0d0e0f", code: 5),
        Hex("TLS 1.3 ClientHello of over 1,279 bytes", "16030105ff010005fb0303000102030405060708090a0b0c0d0e0f"),
        Hex("TLS 1.3 ClientHello of over 1,535 bytes", "16030106ff010006fb0303000102030405060708090a0b0c0d0e0f"),
        Hex("TLS 1.2 ServerHello", "160303004a020000460303000102030405060708090a0b0c0d0e0f"),
        Hex("generation 2: DATA with SYN", "00000512 00000003 68656c6c6f"),
        Hex("generation 2: DATA with SYN and FIN", "00000513 00000003 68656c6c6f"),
        Hex("generation 2: WND_INC", "00000420 00000003 00000005"),
        Hex("generation 2: RST", "00000400 00000003 00000007"),
        Hex("generation 2: GOAWAY", "00000830 00000000 00000000 00000000"),
        Hex("zeros", "0000000000000000"),
        Hex("ones", "ffffffffffffffff"),
    ];

    [TestCaseSource(nameof(s_otherProtocols))]
    public async Task Bytes_of_another_protocol_end_the_session_at_the_first_header(string name, byte[] bytes, uint code)
    {
        var (session, peer) = await ConnectAsync();
        var accept = session.AcceptStreamAsync();

        await peer.SendBytesAsync(bytes);

        await ExpectSessionErrorAsync(session, peer, (MuxadoErrorCode)code);
        Assert.That((await accept.FailsSoon()).Error, Is.EqualTo(MuxadoError.ProtocolViolation), name);
    }

    [Test]
    public async Task What_follows_the_first_illegal_header_is_dropped_and_takes_no_memory()
    {
        var before = BlockPool.Shared.Outstanding;
        var (session, peer) = await ConnectAsync();

        await peer.SendBytesAsync("POST / HTTP/1.1\r\n\r\n"u8.ToArray());
        var upload = peer.SendBytesAsync(new byte[4 * 1024 * 1024]);

        await peer.ExpectGoAwayAsync(1);
        await upload;
        Assert.That(BlockPool.Shared.Outstanding, Is.LessThanOrEqualTo(before + 2), "the GOAWAY's block may be on its way back");
        await peer.ExpectEndAsync();
        peer.EndSending();
        await ExpectCompletionAsync(session, MuxadoError.ProtocolViolation, localCode: MuxadoErrorCode.ProtocolError);
    }

    [Test]
    public async Task A_frame_that_has_begun_may_take_30_s_and_no_longer()
    {
        var clock = new ManualTimeProvider();
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = clock);
        var accept = session.AcceptStreamAsync();

        await peer.SendBytesAsync("hi\r\n"u8.ToArray());

        await Timing.Until(() => clock.UntilNextTimer is not null, "the session counts the time");
        clock.Advance(TimeSpan.FromSeconds(29.9));
        Assert.That(session.Completion.IsCompleted, Is.False);
        Assert.That(peer.HasPendingBytes, Is.False);
        clock.Advance(TimeSpan.FromSeconds(0.2));
        await ExpectSessionErrorAsync(session, peer, MuxadoErrorCode.ProtocolError);
        Assert.That((await accept.FailsSoon()).Error, Is.EqualTo(MuxadoError.ProtocolViolation));
    }

    [Test]
    public async Task Fewer_bytes_than_a_header_end_the_session_after_the_partial_frame_timeout()
    {
        var (session, peer) = await ConnectAsync(options => options.PartialFrameTimeout = TimeSpan.FromMilliseconds(100));

        await peer.SendBytesAsync("hi\r\n"u8.ToArray());

        await ExpectStallEndsAsync(session, peer);
    }

    [Test]
    public async Task A_payload_that_stays_away_ends_the_session_after_the_partial_frame_timeout()
    {
        var (session, peer) = await ConnectAsync(options => options.PartialFrameTimeout = TimeSpan.FromMilliseconds(100));
        var (stream, id) = await AcceptFirstAsync(session, peer);

        await peer.SendAsync(Frames.Raw((int)WireType.Data, 0, id, length: 10, "hello"u8));

        Assert.That(await ReadTextAsync(stream, 5), Is.EqualTo("hello"), "what came of the frame may be read at once");
        await ExpectStallEndsAsync(session, peer);
        Assert.That((await stream.ReadAsync(new byte[1]).FailsSoon()).Error, Is.EqualTo(MuxadoError.ProtocolViolation));
    }

    [Test]
    public async Task A_frame_that_is_being_received_is_not_taken_for_one_that_came_in_parts_long_before()
    {
        var clock = new ManualTimeProvider();
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = clock);
        var (stream, id) = await AcceptFirstAsync(session, peer);
        var frame = Frames.Data(id, "0123456789").Bytes;
        await peer.SendBytesAsync(frame[..4]);
        await Timing.Until(
            () =>
            {
                clock.Advance(TimeSpan.FromMilliseconds(20)); // Past alarms that have nothing to do with it.
                return clock.UntilNextTimer > TimeSpan.FromSeconds(20);
            },
            "the session counts the time");
        var left = clock.UntilNextTimer!.Value;
        await peer.SendBytesAsync(frame[4..]);
        Assert.That(await ReadTextAsync(stream, 10), Is.EqualTo("0123456789"));
        clock.Advance(left - TimeSpan.FromSeconds(0.2));

        // The alarm rings while the first half of the next frame is copied. It must not wait for that: it may need a lock that is held for it.
        using var memory = new TouchedMemory(10);
        var reading = stream.ReadAsync(memory.Memory).AsTask();
        clock.Advance(TimeSpan.FromSeconds(0.1)); // Past the alarm for the credit that is owed.
        var hasRung = false;
        memory.Expect(() => hasRung = Task.Run(() => clock.Advance(TimeSpan.FromSeconds(0.2))).Wait(TimeSpan.FromSeconds(3)));
        await peer.SendBytesAsync(frame[..13]);

        Assert.That(await reading.Soon(), Is.EqualTo(5));
        Assert.That(memory.WasTouched, Is.True, "the case that this is about");
        Assert.That(hasRung, Is.True, "the alarm did not wait for the frame");
        await Timing.StaysPending(session.GoingAway, "A session that receives a frame");
        clock.Advance(TimeSpan.FromSeconds(30));
        await ExpectSessionErrorAsync(session, peer, MuxadoErrorCode.ProtocolError);
    }

    [Test]
    public async Task A_pause_between_frames_is_no_stall()
    {
        var clock = new ManualTimeProvider();
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = clock);
        await peer.ExpectQuietAsync();

        clock.Advance(TimeSpan.FromHours(1));

        await peer.ExpectQuietAsync();
        Assert.That(session.Completion.IsCompleted, Is.False);
    }

    private static async Task ExpectStallEndsAsync(MuxadoSession session, RawPeer peer)
    {
        var (info, goAway) = await ExpectSessionErrorAsync(session, peer, MuxadoErrorCode.ProtocolError);
        Assert.That(goAway.Debug, Does.Contain("frame"));
        Assert.That(info.Exception?.Message, Does.Contain("frame"));
    }

    private static object[] Text(string text, uint code = 1) => [text.Split(' ', '\r')[0], Bytes(text), code];

    private static object[] Hex(string name, string bytes, uint code = 1) =>
        [name, Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)), code];
}
