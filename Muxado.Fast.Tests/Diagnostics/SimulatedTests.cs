using Muxado.Fast.Bench.Simulation;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Diagnostics;

/// <summary>Looking at a session changes nothing about it, over links that take and give bytes in any pieces and break at any time.</summary>
public sealed class SimulatedTests
{
    private const int SeedsPerCase = 60;

    [Test]
    public void A_run_that_is_tapped_and_measured_is_the_same_run_and_both_ends_see_the_same_frames([Range(0, 3)] int group)
    {
        for (var seed = group * SeedsPerCase; seed < (group + 1) * SeedsPerCase; seed++)
        {
            var plain = new SimulationRun(seed);
            Assert.That(plain.Run(), Is.Null);

            using var meter = new MeterReadings("muxado.stream.blocked.time", "muxado.active_sessions", "muxado.io");
            var (client, server) = (new RecordingTap(), new RecordingTap());
            var observed = new SimulationRun(seed, side => side == Side.Client ? client : server);
            Assert.That(observed.Run(), Is.Null);

            Assert.That(observed.Trace.Hash, Is.EqualTo(plain.Trace.Hash), $"seed {seed} ran otherwise");
            AssertBegins(client.Sent, server.Received, seed);
            AssertBegins(server.Sent, client.Received, seed);
            Assert.That(meter.Changes("muxado.active_sessions"), Is.Empty, $"seed {seed} left a session behind");
            Assert.That(meter.Changes("muxado.stream.blocked.time").Values, Has.All.Positive, $"seed {seed}");
            Assert.That(meter.Change("muxado.io client receive"), Is.GreaterThanOrEqualTo(client.Received.Length), $"seed {seed}");
        }
    }

    private static void AssertBegins(byte[] sent, byte[] received, int seed) => Assert.That(
        received.Length <= sent.Length && sent.AsSpan(0, received.Length).SequenceEqual(received),
        $"seed {seed}: {sent.Length} bytes told as sent, {received.Length} as received, and these are not the beginning of those");
}
