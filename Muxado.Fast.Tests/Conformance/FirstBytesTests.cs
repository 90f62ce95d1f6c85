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
        Text("HTTP/1.1 400 Bad Request\r\n\r\n"),
        Text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Text("SSH-2.0-OpenSSH_9.2\r\n"),
        Hex("TLS 1.3 ClientHello", "16030100f8010000f40303000102030405060708090a0b0c0d0e0f"),
        Hex("TLS 1.3 ClientHello of over 255 bytes", "1603010200010001fc0303000102030405060708090a0b0c0d0e0f", code: 5),
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

        await peer.ExpectGoAwayAsync(code);
        await peer.ExpectEndAsync();
        peer.EndSending();
        Assert.That((await session.Completion.Soon()).Error, Is.EqualTo(MuxadoError.ProtocolViolation), name);
        Assert.That((await accept.FailsSoon()).Error, Is.EqualTo(MuxadoError.ProtocolViolation), name);
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
        var info = await ExpectStallEndsAsync(session, peer);
        Assert.That((await stream.ReadAsync(new byte[1]).FailsSoon()).Error, Is.EqualTo(info.Error));
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

    private static async Task<MuxadoSessionCloseInfo> ExpectStallEndsAsync(MuxadoSession session, RawPeer peer)
    {
        await peer.DrainAsync();
        peer.EndSending();
        var info = await session.Completion.Soon();
        Assert.That(info.Error, Is.Not.EqualTo(MuxadoError.None));
        Assert.That(info.Exception?.Message, Does.Contain("frame"));
        return info;
    }

    private static object[] Text(string text, uint code = 1) => [text.Split(' ', '\r')[0], Bytes(text), code];

    private static object[] Hex(string name, string bytes, uint code = 1) =>
        [name, Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)), code];
}
