using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Compare;

/// <summary>A target as it is written down: which median of ours, against which other, and the bound.</summary>
/// <param name="Id">Its name, P1 and so on; a target of several parts has several of these.</param>
/// <param name="Title">What it asks, in words.</param>
/// <param name="Workload">The workload, or the beginning of several workloads' names and a <c>*</c>: then the bound holds for each.</param>
/// <param name="Metric">The metric, see <see cref="Cell.Find"/>.</param>
/// <param name="Arm">Our arm.</param>
/// <param name="Rival">The arm to divide by; null for the same arm.</param>
/// <param name="RivalWorkload">The workload to divide by; null for the same workload.</param>
/// <param name="RivalMetric">The metric to divide by; null for the same metric.</param>
/// <param name="AtLeast">The bound, one of the two.</param>
/// <param name="AtMost">The bound, one of the two.</param>
/// <param name="Tolerance">By what part of the bound a check may miss it before it fails: the noise of one run.</param>
/// <param name="Aim">Whether it is only hoped for: shown, never failed.</param>
/// <remarks>When nothing but our own median is named, there is nothing to divide by: the bound is on the value itself.</remarks>
internal sealed record TargetSpec(
    string Id,
    string Title,
    string Workload,
    string Metric,
    string Arm = MuxadoArm.Name,
    string? Rival = null,
    string? RivalWorkload = null,
    string? RivalMetric = null,
    double? AtLeast = null,
    double? AtMost = null,
    double Tolerance = 0,
    bool Aim = false)
{
    public bool IsRatio => (Rival ?? RivalWorkload ?? RivalMetric) is not null;

    public string Wanted => AtLeast is { } least ? Invariant($">= {least:#,0.##}") : Invariant($"<= {AtMost:#,0.##}");

    /// <summary>The cells that it needs, of those workloads that there are.</summary>
    public IEnumerable<(string Workload, string Arm)> Cells(IEnumerable<string> workloads)
    {
        foreach (var workload in Workloads(workloads))
        {
            yield return (workload, Arm);
            if (IsRatio)
                yield return (RivalWorkload ?? workload, Rival ?? Arm);
        }
    }

    /// <summary>The workloads that it bounds; the one that it names even when there is no such workload.</summary>
    public IReadOnlyList<string> Workloads(IEnumerable<string> workloads) => Workload.EndsWith('*')
        ? [.. workloads.Where(name => name.StartsWith(Workload[..^1], StringComparison.Ordinal))]
        : [Workload];

    public TargetVerdict Judge(double value)
    {
        // The excess over the bound as a part of it, whichever side is the wrong one.
        var excess = AtLeast is { } least ? (least - value) / least : (value - AtMost!.Value) / AtMost.Value;
        if (double.IsNaN(excess))
            return TargetVerdict.Missed;
        return excess <= 0 ? TargetVerdict.Met : excess <= Tolerance ? TargetVerdict.MissedWithinTolerance : TargetVerdict.Missed;
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
