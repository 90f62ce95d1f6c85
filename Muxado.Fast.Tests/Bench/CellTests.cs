using Muxado.Fast.Bench.Scenarios;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Bench;

/// <summary>Medians over the rounds, and what is derived per operation.</summary>
public sealed class CellTests
{
    [Test]
    public void Each_figure_is_the_median_of_its_own()
    {
        var cell = Samples.Cell(
            "ping-pong", "muxado", Samples.Measurement(1000, 30, 40), Samples.Measurement(3000, 10, 90), Samples.Measurement(2000, 20, 50));
        Assert.That(cell.OpsPerSecond, Is.EqualTo(2000));
        Assert.That(cell.P50Us, Is.EqualTo(20));
        Assert.That(cell.P99Us, Is.EqualTo(50));
    }

    [Test]
    public void An_even_number_of_rounds_has_its_median_between_the_middle_two() =>
        Assert.That(Samples.Cell("bulk", "muxado", Samples.Measurement(1000), Samples.Measurement(9000), Samples.Measurement(2000), Samples.Measurement(4000)).OpsPerSecond,
            Is.EqualTo(3000));

    [Test]
    public void Failures_of_all_rounds_add_up() =>
        Assert.That(Samples.Cell("bulk", "muxado", Samples.Measurement(errors: 1), Samples.Measurement(), Samples.Measurement(errors: 2)).Errors, Is.EqualTo(3));

    [Test]
    public void Costs_are_of_both_ends_and_per_operation()
    {
        var sample = Samples.Measurement(opsPerSecond: 1000) with
        {
            Client = Samples.Cost(cpuSeconds: 0.002, allocatedBytes: 24_000, switches: 500),
            Server = Samples.Cost(cpuSeconds: 0.004, allocatedBytes: 8_000, switches: 1500),
        };
        var cell = Samples.Cell("ping-pong", "muxado", sample);
        Assert.That(cell.CpuUsPerOperation, Is.EqualTo(6).Within(1e-9));
        Assert.That(cell.AllocatedBytesPerOperation, Is.EqualTo(32));
        Assert.That(cell.SwitchesPerOperation, Is.EqualTo(2));
    }

    [Test]
    public void A_cost_that_one_end_does_not_tell_is_unknown_not_zero()
    {
        var sample = Samples.Measurement() with { Client = Samples.Cost(1, 1, 1), Server = new ProcessCost(1, 1) };
        var cell = Samples.Cell("ping-pong", "yamux", sample);
        Assert.That(cell.CpuUsPerOperation, Is.Positive);
        Assert.That(cell.AllocatedBytesPerOperation, Is.Null);
        Assert.That(cell.SwitchesPerOperation, Is.Null);
        Assert.That(Samples.Cell("ping-pong", "yamux", Samples.Measurement() with { Client = Samples.Cost(1) }).CpuUsPerOperation, Is.Null);
    }

    [Test]
    public void Distributions_and_extras_get_medians_point_by_point()
    {
        var cell = Samples.Cell("bulk-64", "muxado", With(10, 100, 0.5), With(30, 300, 0.9), With(20, 200, 0.7));
        Assert.That(cell.Latencies, Is.EqualTo(new LatencyPoint[] { new(50, 20), new(100, 200) }));
        Assert.That(cell.Extra["jainFairness"], Is.EqualTo(0.7));
        Assert.That(cell.Find("jainFairness"), Is.EqualTo(0.7));
        Assert.That(cell.Find("nonsense"), Is.Null);

        static Measurement With(double median, double most, double fairness) => Samples.Measurement() with
        {
            Latencies = [new(50, median), new(100, most)],
            Extra = new Dictionary<string, double> { ["jainFairness"] = fairness },
        };
    }
}
