using Muxado.Fast.Bench.Rivals;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Compare;

/// <summary>Everything a comparison found, as it is written to a file.</summary>
internal sealed record Figures(
    bool Quick, int Rounds, double ElapsedSeconds, Machine Machine, IReadOnlyList<Cell> Cells, IReadOnlyList<Target> Targets, IReadOnlyList<string> Errors)
{
    public static Figures Collect(Comparison comparison, ComparisonSchedule schedule)
    {
        Cell[] cells = [.. Comparison.Cells().Select(cell => Cell.Create(cell.Workload, cell.Arm, comparison.Samples(cell.Workload, cell.Arm)))];
        return new Figures(
            schedule.Quick, schedule.Rounds, schedule.Elapsed.TotalSeconds, Machine.Describe(), cells, Target.Check(cells), comparison.Errors);
    }
}

/// <summary>Where it ran.</summary>
internal sealed record Machine(string System, int Processors, string Runtime, string CongestionControl)
{
    public static Machine Describe() => new(
        global::System.Runtime.InteropServices.RuntimeInformation.OSDescription,
        Environment.ProcessorCount,
        global::System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription,
        LoopbackSocket.CongestionControl());
}

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
