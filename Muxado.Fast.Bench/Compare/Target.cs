namespace Muxado.Fast.Bench.Compare;

/// <summary>A target and what a comparison found: our median, the rival's, and the verdict on their ratio.</summary>
/// <param name="Id">Its name; see <see cref="TargetSpec"/> for this and the following.</param>
/// <param name="Title">What it asks, in words.</param>
/// <param name="Workload">The workload; of several, the worst.</param>
/// <param name="Metric">The metric.</param>
/// <param name="Arm">Our arm.</param>
/// <param name="Rival">The other arm; null when it is our own arm that is compared with itself, or with nothing.</param>
/// <param name="Ours">Our median; null when it was not measured.</param>
/// <param name="Theirs">The median that ours was divided by; null when it was not measured, or there is none.</param>
/// <param name="Ratio">The ratio; null when there is none.</param>
/// <param name="Wanted">The bound.</param>
/// <param name="Tolerance">By what part of the bound it may be missed in a check.</param>
/// <param name="Aim">Whether it is only hoped for.</param>
/// <param name="Verdict">Whether the bound was kept.</param>
/// <param name="WhyNotMeasured">What was lacking, when it was not measured.</param>
internal sealed record Target(
    string Id,
    string Title,
    string Workload,
    string Metric,
    string Arm,
    string? Rival,
    double? Ours,
    double? Theirs,
    double? Ratio,
    string Wanted,
    double Tolerance,
    bool Aim,
    TargetVerdict Verdict,
    string? WhyNotMeasured)
{
    public bool Met => Verdict == TargetVerdict.Met;

    /// <summary>Whether a check fails because of it.</summary>
    public bool FailsCheck => Verdict == TargetVerdict.Missed && !Aim;

    /// <summary>Judges each target by the cells that were measured.</summary>
    /// <param name="targets">The targets.</param>
    /// <param name="cells">What was measured.</param>
    /// <param name="workloads">All workloads that there are, whether they were measured or not.</param>
    public static IReadOnlyList<Target> Check(IEnumerable<TargetSpec> targets, IReadOnlyCollection<Cell> cells, IReadOnlyCollection<string> workloads)
    {
        var byKey = cells.ToDictionary(cell => (cell.Workload, cell.Arm));
        return [.. targets.Select(target => Check(target, byKey, workloads))];
    }

    private static Target Check(TargetSpec target, Dictionary<(string Workload, string Arm), Cell> cells, IReadOnlyCollection<string> workloads)
    {
        var bounded = target.Workloads(workloads);
        if (bounded.Count == 0)
            return Create(target, target.Workload, null, null, TargetVerdict.NotMeasured, $"there is no workload {target.Workload}");
        Target[] each = [.. bounded.Select(workload => CheckOne(target, workload, cells))];
        var worst = each.OrderByDescending(one => one.Verdict).ThenBy(one => Margin(target, one)).First();
        var unmeasured = each.Count(one => one.Verdict == TargetVerdict.NotMeasured);
        return worst.Verdict != TargetVerdict.NotMeasured || each.Length == 1
            ? worst
            : worst with { Workload = target.Workload, WhyNotMeasured = $"{unmeasured} of {each.Length} are missing: {worst.WhyNotMeasured}" };
    }

    private static Target CheckOne(TargetSpec target, string workload, Dictionary<(string Workload, string Arm), Cell> cells)
    {
        string? why = null;
        var ours = Find(workload, target.Arm, target.Metric, mayBeZero: target.AtLeast is not null);
        var theirs = target.IsRatio
            ? Find(target.RivalWorkload ?? workload, target.Rival ?? target.Arm, target.RivalMetric ?? target.Metric, mayBeZero: false)
            : null;
        return why is null
            ? Create(target, workload, ours, theirs, target.Judge(theirs is null ? ours!.Value : ours!.Value / theirs.Value), null)
            : Create(target, workload, ours, theirs, TargetVerdict.NotMeasured, why);

        // Nothing at all would be infinitely fast, and must not pass for a win.
        double? Find(string name, string arm, string metric, bool mayBeZero)
        {
            var cell = cells.GetValueOrDefault((name, arm));
            if (cell is { Errors: 0 } && cell.Find(metric) is { } value && double.IsFinite(value) && (value > 0 || mayBeZero))
                return value;
            why ??= cell switch
            {
                null => $"{name} over {arm} was not run",
                { Errors: > 0 } => $"{name} over {arm} had failures",
                _ => $"{name} over {arm} does not tell {metric}",
            };
            return null;
        }
    }

    private static Target Create(TargetSpec target, string workload, double? ours, double? theirs, TargetVerdict verdict, string? why) => new(
        target.Id,
        target.Title,
        workload,
        target.Metric,
        target.Arm,
        target.Rival,
        ours,
        theirs,
        ours / theirs is { } ratio && double.IsFinite(ratio) ? ratio : null,
        target.Wanted,
        target.Tolerance,
        target.Aim,
        verdict,
        why);

    // The lower, the worse.
    private static double Margin(TargetSpec target, Target one)
    {
        var value = one.Ratio ?? one.Ours ?? 0;
        return target.AtLeast is null ? -value : value;
    }
}
