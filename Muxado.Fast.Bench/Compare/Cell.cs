using Muxado.Fast.Bench.Rivals;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Compare;

/// <summary>One workload over one arm: medians over the rounds, and the rounds.</summary>
internal sealed record Cell(
    string Workload, string Arm, double OpsPerSecond, double MbPerSecond, double P50Us, double P99Us, long Errors, IReadOnlyList<Measurement> Samples)
{
    public string WorkloadTitle { get; init; } = Workload;

    public string ArmTitle { get; } = ArmCatalog.TitleOf(Arm);

    /// <summary>CPU time of both ends per operation; null when a process does not tell.</summary>
    public double? CpuUsPerOperation { get; init; }

    /// <summary>Allocated by both ends per operation; null when a process does not tell.</summary>
    public double? AllocatedBytesPerOperation { get; init; }

    /// <summary>Context switches of both ends per operation; null when a process does not tell.</summary>
    public double? SwitchesPerOperation { get; init; }

    /// <summary>The distribution of latencies, each point the median of that point over the rounds.</summary>
    public IReadOnlyList<LatencyPoint> Latencies { get; init; } = [];

    /// <summary>What only some scenarios find, by name.</summary>
    public IReadOnlyDictionary<string, double> Extra { get; init; } = new Dictionary<string, double>();

    /// <param name="workload">What was measured.</param>
    /// <param name="arm">Over what.</param>
    /// <param name="samples">One of each round, at least one.</param>
    public static Cell Create(Workload workload, string arm, IReadOnlyList<Measurement> samples)
    {
        return new Cell(
            workload.Name,
            arm,
            Of(sample => sample.OpsPerSecond)!.Value,
            Of(sample => sample.MbPerSecond)!.Value,
            Of(sample => sample.P50Us)!.Value,
            Of(sample => sample.P99Us)!.Value,
            samples.Sum(sample => sample.Errors),
            samples)
        {
            WorkloadTitle = workload.Title,
            CpuUsPerOperation = Of(sample => sample.CpuUsPerOperation),
            AllocatedBytesPerOperation = Of(sample => sample.AllocatedBytesPerOperation),
            SwitchesPerOperation = Of(sample => sample.SwitchesPerOperation),
            Latencies = [.. samples.SelectMany(sample => sample.Latencies ?? [])
                .GroupBy(point => point.Percentile, point => (double?)point.Us)
                .OrderBy(points => points.Key)
                .Select(points => new LatencyPoint(points.Key, Median.Of(points)!.Value))],
            Extra = samples.SelectMany(sample => sample.Extra ?? new Dictionary<string, double>())
                .GroupBy(extra => extra.Key, extra => (double?)extra.Value)
                .ToDictionary(values => values.Key, values => Median.Of(values)!.Value),
        };

        double? Of(Func<Measurement, double?> value) => Median.Of(samples.Select(value));
    }

    /// <summary>The median of a metric by its name, of all cells or of <see cref="Extra"/>; null when it was not measured.</summary>
    public double? Find(string metric) => metric switch
    {
        "opsPerSecond" => OpsPerSecond,
        "mbPerSecond" => MbPerSecond,
        "p50Us" => P50Us,
        "p99Us" => P99Us,
        "cpuUsPerOperation" => CpuUsPerOperation,
        _ => Extra.TryGetValue(metric, out var value) ? value : null,
    };
}
