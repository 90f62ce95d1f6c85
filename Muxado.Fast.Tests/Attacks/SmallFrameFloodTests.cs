using System.Buffers.Binary;
using System.Diagnostics;
using Muxado.Fast.Buffers;
using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>Frames that carry next to nothing: each takes the same little time, however many have come, and allocates nothing.</summary>
public sealed class SmallFrameFloodTests(Role role) : AttackFixture(role)
{
    private const int FramesPerRound = 10_000;

    /// <summary>So many that in each half some are neither interrupted nor in step with a reader that takes every frame by itself.</summary>
    private const int Rounds = 100;

    [Test]
    public async Task Empty_data_costs_nothing_and_wakes_nobody()
    {
        var (session, peer) = await ConnectAsync();
        await peer.SendAsync(Frames.Syn(Theirs(0)), Frames.Syn(Theirs(1)), Frames.Heartbeat(Theirs(2)));
        var (reading, waiting) = (await AcceptAsync(session), await AcceptAsync(session));
        var read = reading.ReadAsync(new byte[10]).AsTask();
        var readable = waiting.ReadAsync(Memory<byte>.Empty).AsTask();
        var flood = peer.Flood(FramesPerRound / 2, _ => [Frames.Data(Theirs(0), []), Frames.Data(Theirs(1), [])]);

        await MeasureAsync(peer, _ => peer.SendNow(flood));

        Assert.That((read.IsCompleted, readable.IsCompleted), Is.EqualTo((false, false)), "nobody is woken for nothing");
        Assert.That(session.GetSnapshot().Streams.Sum(stream => stream.UnreadBytes), Is.Zero);
        await Apart(() => peer.SendNow(peer.Flood(2, n => [Frames.Data(Theirs(n), "x")])));
        Assert.That((await read.Soon(), await readable.Soon()), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task Data_of_one_byte_costs_nothing_while_somebody_reads()
    {
        var (session, peer) = await ConnectAsync();
        await peer.SendAsync(Frames.Syn(Theirs(0)), Frames.Heartbeat(Theirs(2)));
        var stream = await AcceptAsync(session);
        var reading = Task.Run(() => CountAsync(stream));
        var flood = peer.Flood(FramesPerRound, _ => [Frames.Data(Theirs(0), [1])]);

        var rounds = await MeasureAsync(peer, _ => peer.SendNow(flood));

        await Apart(() => peer.SendNow(Frames.Fin(Theirs(0)).Bytes.Span));
        Assert.That(await reading.Soon(), Is.EqualTo(rounds * FramesPerRound));

        static async Task<int> CountAsync(MuxadoStream stream)
        {
            var (buffer, count) = (new byte[1024], 0);
            while (await stream.ReadAsync(buffer) is > 0 and var more)
                count += more;
            return count;
        }
    }

    [Test]
    public async Task Credit_byte_by_byte_costs_nothing()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        await peer.SendAsync(Frames.Heartbeat(Theirs(2)));
        var write = stream.WriteAsync(new byte[2 * Rounds * FramesPerRound]).AsTask();
        await peer.ExpectDataAsync(id, InitialWindow);
        var flood = peer.Flood(FramesPerRound, _ => [Frames.WndInc(id, 1)]);

        await MeasureAsync(peer, _ =>
        {
            peer.SendNow(flood);
            peer.SkipData(FramesPerRound);
        });

        Assert.That(write.IsCompleted, Is.False);
        stream.Abort();
        await write.FailsSoon();
    }

    [Test]
    public async Task Single_bytes_that_nobody_reads_take_68_KiB_for_65536_of_them()
    {
        const int Streams = 64; // So many that what else the process comes to hold meanwhile does not count.
        var blocks = new BlockPool();
        var (session, peer) = await ConnectAsync(options => options.Blocks = blocks);
        var flood = peer.Flood(InitialWindow, n => [Frames.Data(Theirs(0), [Pattern.At(n)])]);
        var opening = peer.Flood(Streams + 1, n => [Frames.Syn(Theirs(n))]);
        var streams = new List<MuxadoStream>();
        peer.SendNow(opening);
        while (streams.Count <= Streams)
            streams.Add(await AcceptAsync(session));

        // The first is read, so that what a session receives into is there already. Its blocks will be those of one of the others.
        await FillAsync(0);
        await Pattern.VerifyAsync(streams[0], InitialWindow);
        streams[0].Abort();
        var before = LiveBytes();
        for (var n = 1; n <= Streams; n++)
            await FillAsync(n);
        var bytesPerStream = (LiveBytes() - before) / (Streams - 1);

        TestContext.Out.WriteLine($"{bytesPerStream} B per stream, {blocks.Outstanding} blocks in all");
        Assert.That(bytesPerStream, Is.InRange(InitialWindow / 2, 68 * 1024));
        foreach (var stream in streams.Skip(1))
        {
            await Pattern.VerifyAsync(stream, InitialWindow);
            stream.Abort();
        }

        await Timing.Until(() => blocks.Outstanding == 0, "every block is back");
        GC.KeepAlive(flood);

        async Task FillAsync(int n)
        {
            var received = session.GetSnapshot().BytesReceived;
            SetStream(flood, Theirs(n));
            await Apart(() => peer.SendNow(flood));
            await Timing.Until(() => session.GetSnapshot().BytesReceived == received + flood.Length, "all of it has come");
        }
    }

    /// <summary>
    /// Runs rounds of so many frames, each of which ends with the echo of a heartbeat, and holds the best of them to nothing allocated
    /// and the last to the time of the first. Returns how many rounds it took.
    /// </summary>
    private async Task<int> MeasureAsync(RawPeer peer, Action<int> round)
    {
        const int WarmUp = 4;
        var beat = Frames.Data(Theirs(2), new byte[4]).Bytes.ToArray();
        var (allocated, took) = (new List<double>(), new List<double>());
        await Apart(() =>
        {
            for (var n = 0; n < WarmUp + Rounds; n++)
            {
                var start = Stopwatch.GetTimestamp();
                var before = GC.GetTotalAllocatedBytes(precise: true);
                round(n);
                peer.PingNow(beat);
                var bytes = GC.GetTotalAllocatedBytes(precise: true) - before;
                if (n < WarmUp)
                    continue;
                allocated.Add((double)bytes / FramesPerRound);
                took.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds / FramesPerRound);
            }
        });

        TestContext.Out.WriteLine($"bytes per frame: {allocated.Min():F3}; us per frame: {string.Join("  ", took.Select(us => us.ToString("F3")))}");
        Assert.That(allocated.Min(), Is.LessThan(0.9), "bytes allocated per frame: the smallest object takes 24");
        Assert.That(took.TakeLast(Rounds / 2).Min(), Is.LessThan(4 * took.Take(Rounds / 2).Min()), "time per frame, late and early");
        return WarmUp + Rounds;
    }

    /// <summary>Makes frames of one byte each those of another stream.</summary>
    private static void SetStream(byte[] frames, uint id)
    {
        for (var at = 0; at < frames.Length; at += WireFrame.HeaderBytes + 1)
            BinaryPrimitives.WriteUInt32BigEndian(frames.AsSpan(at + 4), id);
    }
}
