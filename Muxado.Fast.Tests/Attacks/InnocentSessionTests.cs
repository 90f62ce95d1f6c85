using System.Diagnostics;
using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>While one session of the process is flooded, another one keeps at least half of its throughput.</summary>
public sealed class InnocentSessionTests(Role role) : AttackFixture(role)
{
    /// <summary>Short ones, and many: whatever else the machine does falls on those with the flood and those without alike.</summary>
    private const int Slices = 40;
    private const int FramesPerFlood = 2000;
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(20);

    [Test]
    public async Task It_keeps_half_of_its_throughput([Values] Flood flood)
    {
        await using var innocent = await SessionPair.ConnectAsync(TransportKind.Tcp);
        var (stream, echo) = await innocent.OpenAsync();
        var echoing = Task.Run(() => EchoAsync(echo));
        var (_, peer) = await ConnectAsync(options => options.MaxInboundStreams = 1);
        await peer.SendAsync(Frames.Heartbeat(Theirs(0)));
        await using var attacker = new Attacker(peer, Prepare(peer, flood), flood == Flood.RefusedStreams ? 2 * FramesPerFlood : 0);
        await RateAsync(stream);

        var (alone, beside) = (0d, 0d);
        for (var n = 0; n < Slices; n++)
        {
            alone += await RateAsync(stream);
            attacker.Go();
            beside += await RateAsync(stream);
            attacker.Pause();
        }

        stream.CompleteWrites();
        await echoing.Soon();
        TestContext.Out.WriteLine($"{attacker.Floods * FramesPerFlood / (Slices * s_slice.TotalSeconds):N0} frames/s; {alone / Slices:N0} messages/s, and {beside / Slices:N0} beside them");
        Assert.That(attacker.Floods, Is.GreaterThan(Slices), "there was an attack");
        Assert.That(beside / alone, Is.GreaterThanOrEqualTo(0.5));
    }

    private byte[] Prepare(RawPeer peer, Flood flood)
    {
        switch (flood)
        {
            case Flood.EmptyData:
                peer.SendNow(Frames.Syn(Theirs(1)).Bytes.Span);
                return peer.Flood(FramesPerFlood, _ => [Frames.Data(Theirs(1), [])]);
            case Flood.DataOnClosedStreams:
                peer.SendNow(Frames.Syn(Theirs(FramesPerFlood + 1)).Bytes.Span);
                return peer.Flood(FramesPerFlood, n => [Frames.Data(Theirs(n + 1), [])]);
            default:
                return peer.Flood(FramesPerFlood, n => [Frames.Syn(Theirs(n + 1))]);
        }
    }

    private static async Task EchoAsync(MuxadoStream stream)
    {
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer) is > 0 and var count)
            await stream.WriteAsync(buffer.AsMemory(0, count));
        stream.CompleteWrites();
    }

    /// <summary>How many messages of a kibibyte go there and back in a second.</summary>
    private static async Task<double> RateAsync(MuxadoStream stream)
    {
        var message = new byte[1024];
        var start = Stopwatch.GetTimestamp();
        var count = 0;
        while (Stopwatch.GetElapsedTime(start) < s_slice)
        {
            await stream.WriteAsync(message);
            await stream.ReadExactlyAsync(message);
            count++;
        }

        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public enum Flood
    {
        EmptyData,
        RefusedStreams,
        DataOnClosedStreams,
    }
}
