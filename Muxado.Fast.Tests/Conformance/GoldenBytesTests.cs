using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>Bytes captured from Go's muxado: sent by us in the same place, and understood when they come.</summary>
/// <remarks>Where a capture's stream id depends on the role, "ID" stands for it.</remarks>
public sealed class GoldenBytesTests(Role role) : ConformanceFixture(role)
{
    private const string ClientHeartbeat = "00080601 00000003 7fffffff fffffeff";
    private const string ServerHeartbeat = "00080601 00000002 7fffffff fffffeff";

    [Test]
    public async Task Our_first_bytes_open_the_heartbeat()
    {
        var (_, peer) = await ConnectWithHeartbeatAsync();

        await peer.ExpectAsync(Frames.Hex(SessionIsClient ? ClientHeartbeat : ServerHeartbeat));
    }

    [Test]
    public async Task Streams_opened_beside_a_heartbeat_have_the_ids_that_go_gives_them()
    {
        var (session, peer) = await ConnectWithHeartbeatAsync();
        await peer.ExpectAsync(Frames.Hex(SessionIsClient ? ClientHeartbeat : ServerHeartbeat));

        session.OpenStream(new MuxadoStreamOptions { Priority = 5, StreamType = 7 });
        await peer.ExpectAsync(Frames.Hex(SessionIsClient ? "00080601 00000005 00000005 00000007" : "00080601 00000004 00000005 00000007"));
        session.OpenStream();
        await peer.ExpectAsync(Frames.Hex(SessionIsClient ? "00000001 00000007" : "00000001 00000006"));
        session.OpenStream();
        await peer.ExpectAsync(Frames.Hex(SessionIsClient ? "00000001 00000009" : "00000001 00000008"));
    }

    [Test]
    public async Task Data_is_sent_as_go_sends_it()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);

        await stream.WriteAsync(Bytes("hello")).Soon();
        await peer.ExpectAsync(Spelled("00050003 ID 68656c6c6f", id));
        await stream.WriteAsync(Bytes("bye"), completeWrites: true).Soon();
        await peer.ExpectAsync(Spelled("00030103 ID 627965", id));
    }

    [Test]
    public async Task A_half_close_is_sent_as_go_sends_it()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);

        stream.CompleteWrites();

        await peer.ExpectAsync(Spelled("00000103 ID", id));
    }

    [Test]
    public async Task Credit_is_sent_as_go_sends_it()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await peer.SendAsync(Spelled("00050003 ID 68656c6c6f", id));

        Assert.That(await ReadTextAsync(stream, 5), Is.EqualTo("hello"));
        var blocked = stream.ReadAsync(new byte[1]);

        await peer.ExpectAsync(Spelled("00040004 ID 00000005", id));
        Assert.That(blocked.IsCompleted, Is.False);
    }

    [Test]
    public async Task Closing_is_announced_as_go_announces_it_but_honestly()
    {
        var (session, peer) = await ConnectAsync();
        await peer.SendAsync(Frames.Hex(SessionIsClient ? ServerHeartbeat : ClientHeartbeat), Frames.Syn(Theirs(1)));
        await AcceptAsync(session);

        await session.GoAwayAsync(MuxadoErrorCode.FlowControlError, Bytes("debug!")).Soon();

        // Go spells the header 00160006 (16 + 6 bytes) and sends eight; ours says 8 + 6, has the mark, and sends them all.
        await peer.ExpectAsync(Spelled("000e0026 00000000 ID 00000003 646562756721", Theirs(1)));
    }

    [Test]
    public async Task What_go_sends_on_a_stream_is_understood()
    {
        var (session, peer) = await ConnectAsync();
        var id = Theirs(1);

        await peer.SendAsync(
            Frames.Hex(SessionIsClient ? ServerHeartbeat : ClientHeartbeat),
            Spelled("00080601 ID 00000005 00000007", id),
            Spelled("00050003 ID 68656c6c6f", id),
            Spelled("00040004 ID 00000005", id),
            Spelled("00030103 ID 627965", id),
            Spelled("00000103 ID", id),
            Spelled("00000001 ID", Theirs(3)));

        var stream = await AcceptAsync(session);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(stream.Id, Is.EqualTo(id), "the heartbeat is not for the application");
            Assert.That(stream.Priority, Is.EqualTo(5));
            Assert.That(stream.StreamType, Is.EqualTo(7));
            Assert.That(await ReadToEndAsync(stream), Is.EqualTo(Bytes("hellobye")));
        }
        var write = stream.WriteAsync(Pattern.Bytes(InitialWindow + 5));
        Assert.That(await peer.ExpectDataAsync(id, InitialWindow + 5), Is.EqualTo(Pattern.Bytes(InitialWindow + 5)), "5 bytes of credit came");
        await write.Soon();
        Assert.That((await AcceptAsync(session)).Id, Is.EqualTo(Theirs(3)));
    }

    [Test]
    public async Task The_peers_heartbeat_is_echoed_as_go_echoes_it()
    {
        var (_, peer) = await ConnectAsync();

        await peer.SendAsync(
            Frames.Hex(SessionIsClient ? ServerHeartbeat : ClientHeartbeat), Spelled("00040003 ID 00000000", Theirs(0)));

        await peer.ExpectAsync(Spelled("00040003 ID 00000000", Theirs(0)));
    }

    [TestCase("001f0006 00000000 ID 00000000", MuxadoErrorCode.NoError, TestName = "Go's Close, which announces 15 bytes of debug text")]
    [TestCase("00160006 00000000 ID 00000003", MuxadoErrorCode.FlowControlError, TestName = "Go's GoAway, which announces 6 bytes")]
    public async Task Gos_goaway_is_understood_though_its_length_lies(string bytes, MuxadoErrorCode code)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);

        await peer.SendAsync(Spelled(bytes, id), Frames.DataFin(id, "goodbye"));

        Assert.That(await ReadToEndAsync(stream), Is.EqualTo(Bytes("goodbye")), "no byte after the GOAWAY is taken for debug text");
        peer.EndSending();
        var info = await session.Completion.Soon();
        Assert.That(info.PeerCode, Is.EqualTo(code));
        Assert.That(info.PeerDebug.IsEmpty);
    }

    private Task<(MuxadoSession Session, RawPeer Peer)> ConnectWithHeartbeatAsync() =>
        ConnectAsync(options => options.HeartbeatInterval = TimeSpan.FromSeconds(3));

    private static WireFrame Spelled(string bytes, uint id) => Frames.Hex(bytes.Replace("ID", $"{id:x8}", StringComparison.Ordinal));
}
