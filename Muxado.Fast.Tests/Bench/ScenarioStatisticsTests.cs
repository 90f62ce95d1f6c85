using System.Diagnostics;
using Muxado.Fast.Bench.Scenarios;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Bench;

/// <summary>What scenarios compute from what they counted.</summary>
public sealed class ScenarioStatisticsTests
{
    [TestCase(1, 5.0, 5, 5, 5)]
    [TestCase(0.25, 8.0, 0, 0, 0)]
    [TestCase(0.9, 1.0, 2)]
    [TestCase(1, 0.0, 0)]
    public void Fairness_is_1_for_equal_shares_and_1_over_n_for_one_winner(double index, params double[] shares) =>
        Assert.That(JainFairness.Index(shares), Is.EqualTo(index).Within(1e-12));

    [Test]
    public void A_distribution_ascends_from_the_median_to_the_maximum()
    {
        var histogram = Latencies.Create();
        for (var us = 1; us <= 1000; us++)
            Latencies.Record(histogram, 0, us * Stopwatch.Frequency / 1_000_000);

        var points = Latencies.Distribution(histogram);
        Assert.That(points, Is.Ordered.By(nameof(LatencyPoint.Percentile)).Then.By(nameof(LatencyPoint.Us)));
        Assert.That(points[0].Percentile, Is.EqualTo(50));
        Assert.That(points[0].Us, Is.EqualTo(500).Within(1).Percent);
        Assert.That(points[^1].Percentile, Is.EqualTo(100));
        Assert.That(points[^1].Us, Is.EqualTo(1000).Within(1).Percent);
        Assert.That(Latencies.Distribution(Latencies.Create()), Is.Empty);
    }

    [Test]
    public void A_cost_is_what_came_after_the_first_reading()
    {
        var cost = new ProcessCost(5, 7, 100, 10, 5, 1, 1000, 50).Since(new ProcessCost(1, 2, 40, 4, 3, 1, 900, 20));
        Assert.That(cost, Is.EqualTo(new ProcessCost(4, 5, 60, 6, 2, 0, 100, 30)));
        Assert.That(cost.CpuSeconds, Is.EqualTo(9));
        Assert.That(new ProcessCost(2, 2).Since(new ProcessCost(1, 1)), Is.EqualTo(new ProcessCost(1, 1)), "unknown stays unknown");
    }

    [Test]
    public void A_slice_counts_what_this_process_used()
    {
        var slice = Slice.Begin(TimeSpan.FromMilliseconds(20));
        var kept = new List<byte[]>();
        while (Stopwatch.GetTimestamp() < slice.DeadlineTimestamp)
        {
            if (kept.Count < 100)
                kept.Add(new byte[10_000]);
        }

        slice.End();
        GC.KeepAlive(kept);
        Assert.That(slice.Elapsed, Is.GreaterThanOrEqualTo(TimeSpan.FromMilliseconds(20)));
        Assert.That(slice.Cost!.AllocatedBytes, Is.GreaterThanOrEqualTo(kept.Count * 10_000));
        Assert.That(slice.Cost.CpuSeconds, Is.Positive);
        if (OperatingSystem.IsLinux())
            Assert.That(slice.Cost.VoluntarySwitches + slice.Cost.InvoluntarySwitches, Is.Not.Null.And.GreaterThanOrEqualTo(0));
    }
}
