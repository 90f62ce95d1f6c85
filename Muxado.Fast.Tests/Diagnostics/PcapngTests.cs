using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Diagnostics;

/// <summary>The files of <see cref="MuxadoPcapngWriter"/>.</summary>
public sealed class PcapngTests : DiagnosticsFixture
{
    [Test, CancelAfter(30_000)]
    public async Task Each_frame_is_a_packet_with_its_time_and_direction()
    {
        using var output = new MemoryStream();
        var writer = new MuxadoPcapngWriter(output, leaveOpen: true);
        var (first, peer) = await ConnectAsync(isClient: false, options => options.FrameTap = writer);
        var (second, peerOfSecond) = await ConnectAsync(configure: options => options.FrameTap = writer);
        Clock.Advance(TimeSpan.FromTicks(1_234_567));
        WireFrame[] received = [Frames.Syn(3), Frames.DataFin(3, "odd"), Frames.Data(3, Pattern.Bytes(WireFrame.MaxPayloadBytes))];
        await peer.SendAsync(received);
        await peer.ExpectAsync(Frames.Rst(3, 4)); // DATA after FIN.
        Clock.Advance(TimeSpan.FromSeconds(1));
        await second.GoAwayAsync();
        await peerOfSecond.ExpectGoAwayAsync(0);
        writer.Dispose();
        await first.GoAwayAsync();
        await peer.ExpectGoAwayAsync(0);

        var file = PcapngFile.Parse(output.ToArray());
        Assert.That(file.Interfaces, Is.EqualTo(new[]
        {
            (147, 0u, $"session {first.GetSnapshot().SessionNumber}, server", (byte)9),
            (147, 0u, $"session {second.GetSnapshot().SessionNumber}, client", (byte)9),
        }));
        var start = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(1_234_567);
        Assert.That(file.Packets.Select(packet => (packet.Interface, packet.Time, packet.Direction)), Is.EqualTo(new[]
        {
            (0, start, "in"), (0, start, "in"), (0, start, "in"), (0, start, "out"), (1, start.AddSeconds(1), "out"),
        }));
        WireFrame[] frames = [.. received, Frames.Rst(3, 4), Frames.GoAway(0, 0)];
        Assert.That(file.Packets.Select(packet => new WireFrame(packet.Bytes)), Is.EqualTo(frames));
        Assert.That(file.Packets.Select(packet => packet.OriginalLength), Is.EqualTo(frames.Select(frame => frame.Bytes.Length)));
    }

    [Test]
    public void A_snap_length_cuts_the_packets_and_not_what_is_told_of_their_length()
    {
        using var output = new MemoryStream();
        using (var writer = new MuxadoPcapngWriter(output, snapLength: 9, leaveOpen: true))
        {
            writer.OnFrame(new MuxadoFrame { Timestamp = DateTimeOffset.UnixEpoch, Bytes = Frames.Data(3, "more than that").Bytes.Span });
            writer.OnFrame(new MuxadoFrame { Timestamp = DateTimeOffset.UnixEpoch, Bytes = Frames.Fin(3).Bytes.Span });
        }

        var file = PcapngFile.Parse(output.ToArray());
        Assert.That(file.Interfaces.Single().SnapLength, Is.EqualTo(9));
        Assert.That(file.Packets.Select(packet => (packet.Bytes.Length, packet.OriginalLength)), Is.EqualTo(new[] { (9, 22), (8, 8) }));
    }

    [Test]
    public void A_frame_that_was_written_in_part_is_the_last()
    {
        using var output = new TornStream();
        using var writer = new MuxadoPcapngWriter(output, leaveOpen: true);
        Write();
        var wholeBytes = output.Length;
        output.BytesLeft = 10;
        Assert.That(Write, Throws.InstanceOf<IOException>());
        output.BytesLeft = int.MaxValue;

        Write();

        Assert.That(output.Length, Is.EqualTo(wholeBytes + 10));

        void Write() => writer.OnFrame(new MuxadoFrame { Timestamp = DateTimeOffset.UnixEpoch, Bytes = Frames.Fin(3).Bytes.Span });
    }

    [Test]
    public void A_stream_that_cannot_be_flushed_is_disposed_all_the_same()
    {
        var output = new TornStream();
        var writer = new MuxadoPcapngWriter(output);
        output.BytesLeft = 0;

        Assert.That(writer.Dispose, Throws.InstanceOf<IOException>());

        Assert.That(output.CanWrite, Is.False);
    }

    [Test]
    public void Wrong_arguments_are_refused()
    {
        Assert.That(() => new MuxadoPcapngWriter(null!), Throws.ArgumentNullException);
        Assert.That(() => new MuxadoPcapngWriter(new MemoryStream(), snapLength: -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new MuxadoPcapngWriter(new MemoryStream([], writable: false)), Throws.ArgumentException);
        Assert.That(() => new MuxadoFrameLog(null!), Throws.ArgumentNullException);
    }

    /// <summary>Takes a number of bytes, and fails in the middle of a write.</summary>
    private sealed class TornStream : MemoryStream
    {
        public int BytesLeft { get; set; } = int.MaxValue;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            var taken = Math.Min(buffer.Length, BytesLeft);
            base.Write(buffer[..taken]);
            BytesLeft -= taken;
            if (taken < buffer.Length)
                throw new IOException("There is no room left.");
        }

        public override void Flush()
        {
            if (BytesLeft == 0)
                throw new IOException("There is no room left.");
        }
    }
}
