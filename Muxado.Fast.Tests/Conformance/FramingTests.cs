using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>What a frame may look like, and how it may arrive.</summary>
public sealed class FramingTests(Role role) : ConformanceFixture(role)
{
    private static readonly object[] s_ignoredBits =
    [
        new object[] { 0xC000_0000_0000_0000UL, "the top two bits of the length" },
        new object[] { 0x0000_F800_0000_0000UL, "the unknown flags" },
        new object[] { 0x0000_00E0_0000_0000UL, "the top three bits of the type" },
        new object[] { 0x0000_0000_8000_0000UL, "the top bit of the stream id" },
        new object[] { 0xC000_F8E0_8000_0000UL, "all of them" },
    ];

    [TestCaseSource(nameof(s_ignoredBits))]
    public async Task Reserved_bits_and_unknown_flags_are_ignored(ulong bits, string which)
    {
        var (session, peer) = await ConnectAsync();
        var id = Theirs(0);

        await peer.SendAsync(
            Frames.Syn(id, priority: 5, type: 7).WithHeaderBits(bits),
            Frames.Data(id, "hello").WithHeaderBits(bits),
            Frames.WndInc(id, 10).WithHeaderBits(bits),
            Frames.DataFin(id, " you").WithHeaderBits(bits));

        var stream = await AcceptAsync(session);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(stream.Id, Is.EqualTo(id), which);
            Assert.That(stream.Priority, Is.EqualTo(5), which);
            Assert.That(stream.StreamType, Is.EqualTo(7), which);
        }
        Assert.That(await ReadToEndAsync(stream), Is.EqualTo(Bytes("hello you")), which);
        await peer.ExpectQuietAsync();
    }

    [TestCaseSource(nameof(s_ignoredBits))]
    public async Task Reserved_bits_and_unknown_flags_of_a_reset_are_ignored(ulong bits, string which)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);

        await peer.SendAsync(Frames.Rst(id, 7).WithHeaderBits(bits));

        Assert.That((await stream.ReadAsync(new byte[1]).FailsSoon()).ErrorCode, Is.EqualTo(MuxadoErrorCode.Cancel), which);
    }

    [Test]
    public async Task Flags_that_mean_something_only_to_other_types_are_ignored()
    {
        var (session, peer) = await ConnectAsync();
        var id = Theirs(0);

        await peer.SendAsync(
            Frames.Syn(id),
            Frames.Raw((int)WireType.Data, 0xFE, id, 5, "hello"u8),
            Frames.Raw((int)WireType.WndInc, 0xFF, id, 4, [0, 0, 0, 1]),
            Frames.Data(id, "!"));

        var stream = await AcceptAsync(session);
        Assert.That(await ReadTextAsync(stream, 6), Is.EqualTo("hello!"));
        await peer.ExpectQuietAsync();
    }

    [Test]
    public async Task What_we_send_has_no_bit_set_that_means_nothing()
    {
        var (session, peer) = await ConnectAsync(options => options.HeartbeatInterval = TimeSpan.FromSeconds(3));
        await peer.ExpectAsync(Frames.Heartbeat(Ours(0)));
        await peer.SendAsync([Frames.Syn(Theirs(0)), .. Frames.Bulk(Theirs(0), Pattern.Bytes(InitialWindow))]);
        var accepted = await AcceptAsync(session);
        await ReadAsync(accepted, InitialWindow);
        await peer.ExpectCreditAsync(Theirs(0), InitialWindow / 2);
        var opened = session.OpenStream(new MuxadoStreamOptions { Priority = 1, StreamType = 2 });
        await opened.WriteAsync(Bytes("hello"), completeWrites: true).Soon();
        accepted.Abort();
        var close = session.CloseAsync().AsTask();
        while (await peer.ReceiveAsync("the end of the connection") is not null)
        {
        }

        peer.EndSending();
        await close.Soon();

        foreach (var frame in peer.Received)
        {
            Assert.That(frame.HasReservedBits, Is.False, frame.ToString());
            Assert.That(frame.Flags & ~FlagsWeSendOn(frame.Type), Is.Zero, frame.ToString());
            if (frame.Type is WireType.WndInc or WireType.GoAway)
                Assert.That(frame.PayloadWord(0) & 0x8000_0000, Is.Zero, frame.ToString());
        }

        WireType[] all = [WireType.Syn, WireType.Data, WireType.WndInc, WireType.Rst, WireType.GoAway];
        Assert.That(peer.Received.Select(frame => frame.Type).Distinct(), Is.EquivalentTo(all));
    }

    [Test]
    public async Task The_longest_frame_is_received()
    {
        var (session, peer) = await ConnectAsync();
        var content = Pattern.Bytes(WireFrame.MaxPayloadBytes);
        var (stream, id) = await AcceptFirstAsync(session, peer);

        await peer.SendAsync(Frames.Data(id, content));

        Assert.That(await ReadAsync(stream, content.Length), Is.EqualTo(content));
    }

    [Test]
    public async Task A_long_write_leaves_in_frames_of_at_most_16383_bytes()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        var content = Pattern.Bytes(60_000);

        var write = stream.WriteAsync(content);

        // The length field cannot say more than 16,383: a longer frame would show as torn bytes.
        Assert.That(await peer.ExpectDataAsync(id, content.Length), Is.EqualTo(content));
        await write.Soon();
    }

    [Test]
    public async Task An_empty_data_frame_means_nothing()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);

        await peer.SendAsync(Frames.Data(id, ""), Frames.Data(id, ""), Frames.Data(id, "x"));

        Assert.That(await ReadTextAsync(stream, 1), Is.EqualTo("x"));
        await peer.ExpectQuietAsync();
    }

    private static int FlagsWeSendOn(WireType type) => type switch
    {
        WireType.Syn => Frames.PriorityFlag | Frames.TypeFlag,
        WireType.Data => Frames.FinFlag,
        _ => 0,
    };
}
