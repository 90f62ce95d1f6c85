using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Compare;

/// <summary>One workload over one arm: medians over the rounds, and the rounds.</summary>
internal sealed record Cell(
    string Workload, string Arm, double OpsPerSecond, double MbPerSecond, double P50Us, double P99Us, long Errors, IReadOnlyList<Measurement> Samples)
{
    public static Cell Create(string workload, string arm, IReadOnlyList<Measurement> samples) => new(
        workload,
        arm,
        Median(samples.Select(sample => sample.OpsPerSecond)),
        Median(samples.Select(sample => sample.MbPerSecond)),
        Median(samples.Select(sample => sample.P50Us)),
        Median(samples.Select(sample => sample.P99Us)),
        samples.Sum(sample => sample.Errors),
        samples);

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
