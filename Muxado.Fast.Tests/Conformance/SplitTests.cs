using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>Frames mean the same wherever the transport cuts them.</summary>
/// <remarks>Each piece is sent when the session has received the one before, so that no two of them reach it together.</remarks>
public sealed class SplitTests(Role role) : ConformanceFixture(role)
{
    private const int Credit = 5;

    [Test]
    public async Task Header_and_payload_may_come_in_separate_segments()
    {
        var (session, peer) = await ConnectAsync();

        foreach (var frame in Conversation(0))
            await SendInPiecesAsync(session, peer, frame.Bytes[..WireFrame.HeaderBytes], frame.Bytes[WireFrame.HeaderBytes..]);

        await ExpectConversationAsync(session, peer, 0);
    }

    [Test]
    public async Task A_conversation_may_come_byte_by_byte()
    {
        var (session, peer) = await ConnectAsync();

        await SendInPiecesAsync(session, peer, [.. BytesOf(Conversation(0)).Chunk(1).Select(one => one.AsMemory())]);

        await ExpectConversationAsync(session, peer, 0);
    }

    [Test]
    public async Task A_conversation_may_be_split_at_any_byte()
    {
        var (session, peer) = await ConnectAsync();
        var length = BytesOf(Conversation(0)).Length;
        for (var split = 1; split < length; split++)
        {
            var bytes = BytesOf(Conversation(split - 1));

            await SendInPiecesAsync(session, peer, bytes.AsMemory(0, split), bytes.AsMemory(split));

            await ExpectConversationAsync(session, peer, split - 1);
        }
    }

    [Test]
    public async Task A_goaway_may_be_split_at_any_byte([Values] bool isHonest)
    {
        var goAway = isHonest ? Frames.GoAway(0, 3, "debug") : Frames.GoGoAway(0, 3, debugBytes: 5);
        var bytes = BytesOf(goAway, Frames.Syn(Theirs(0)), Frames.DataFin(Theirs(0), "after"));
        for (var split = 1; split < bytes.Length; split++)
        {
            var (session, peer) = await ConnectAsync();

            await SendInPiecesAsync(session, peer, bytes.AsMemory(0, split), bytes.AsMemory(split));

            Assert.That(await ReadToEndAsync(await AcceptAsync(session)), Is.EqualTo(Bytes("after")), $"split at {split}");
            peer.EndSending();
            var info = await session.Completion.Soon();
            Assert.That(info.PeerCode, Is.EqualTo(MuxadoErrorCode.FlowControlError), $"split at {split}");
            Assert.That(info.PeerDebug.ToArray(), Is.EqualTo(Bytes(isHonest ? "debug" : "")), $"split at {split}");
        }
    }

    /// <summary>One frame of every kind that a stream can have; of the second stream nothing is left to be seen.</summary>
    private WireFrame[] Conversation(int index) =>
    [
        Frames.Syn(Theirs(2 * index), priority: 1, type: 2),
        Frames.Data(Theirs(2 * index), "hello"),
        Frames.WndInc(Theirs(2 * index), Credit),
        Frames.Syn(Theirs((2 * index) + 1)),
        Frames.Rst(Theirs((2 * index) + 1), 7),
        Frames.DataFin(Theirs(2 * index), ", you"),
    ];

    private async Task ExpectConversationAsync(MuxadoSession session, RawPeer peer, int index)
    {
        var stream = await AcceptAsync(session);
        Assert.That((stream.Id, stream.Priority, stream.StreamType), Is.EqualTo((Theirs(2 * index), 1u, 2u)));
        Assert.That(await ReadToEndAsync(stream), Is.EqualTo(Bytes("hello, you")));
        var content = Pattern.Bytes(InitialWindow + Credit);
        var write = stream.WriteAsync(content, completeWrites: true);
        var answer = await peer.ExpectDataAsync(stream.Id, content.Length, thenFin: true);
        Assert.That(answer.AsSpan().SequenceEqual(content), "what the credit allows came whole");
        await write.Soon();
    }

    private static byte[] BytesOf(params WireFrame[] frames) => [.. frames.SelectMany(frame => frame.Bytes.ToArray())];

    private static async Task SendInPiecesAsync(MuxadoSession session, RawPeer peer, params ReadOnlyMemory<byte>[] pieces)
    {
        var sent = session.GetSnapshot().BytesReceived;
        foreach (var piece in pieces)
        {
            await peer.SendBytesAsync(piece);
            sent += piece.Length;
            var isReceived = SpinWait.SpinUntil(() => session.GetSnapshot().BytesReceived == sent, TimeSpan.FromSeconds(5));
            Assert.That(isReceived, "the session receives each piece by itself");
        }
    }
}
