using System.Diagnostics;
using HdrHistogram;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>Latency records at 0.1 % resolution, up to a minute.</summary>
internal static class Latencies
{
    private const int SignificantDigits = 3;

    private static readonly long s_highest = 60 * Stopwatch.Frequency;

    // Closer together where the distributions differ: towards the end. The last is the maximum.
    private static readonly double[] s_percentiles = [50, 75, 90, 95, 99, 99.9, 99.99, 100];

    /// <summary>For one writer.</summary>
    public static LongHistogram Create() => new(s_highest, SignificantDigits);

    /// <summary>For any number of writers.</summary>
    public static LongConcurrentHistogram CreateShared() => new(1, s_highest, SignificantDigits);

    public static void Record(HistogramBase histogram, long startTimestamp, long endTimestamp) =>
        histogram.RecordValue(Math.Clamp(endTimestamp - startTimestamp, 1, s_highest));

    public static LongHistogram Merge(IEnumerable<LongHistogram> histograms)
    {
        var merged = Create();
        foreach (var histogram in histograms)
            merged.Add(histogram);
        return merged;
    }

    /// <summary>A percentile in microseconds; 0 when nothing was recorded.</summary>
    public static double PercentileUs(HistogramBase histogram, double percentile) =>
        histogram.TotalCount == 0 ? 0 : histogram.GetValueAtPercentile(percentile) * 1e6 / Stopwatch.Frequency;

    /// <summary>The distribution at fixed percentiles; empty when nothing was recorded.</summary>
    public static IReadOnlyList<LatencyPoint> Distribution(HistogramBase histogram) => histogram.TotalCount == 0
        ? []
        : [.. s_percentiles.Select(percentile => new LatencyPoint(percentile, PercentileUs(histogram, percentile)))];
}
