using Muxado.Fast.Bench.Compare;

namespace Muxado.Fast.Bench.Record;

/// <summary>The targets that a run measured: medians, ratio beside what was wanted, and the verdict. A loss has the louder word.</summary>
internal static class TargetMarkdown
{
    public static string Create(Figures figures)
    {
        var table = new MarkdownTable("#", "target", "Muxado.Fast:", "compared with:", "ratio:", "wanted:", "result");
        foreach (var target in Measured(figures))
        {
            table.Add(
                target.Id,
                $"{target.Title} (`{target.Workload}`)",
                Metric.Describe(target.Metric, target.Ours),
                Metric.Describe(target.Metric, target.Theirs),
                target.Ratio is { } ratio ? Quantity.Ratio(ratio) : "-",
                target.Wanted + (target.Ratio is null ? Metric.Unit(target.Metric) : "x"),
                Result(target));
        }

        return table.ToString();
    }

    /// <summary>How many were met and which were not, and what was not looked at: no old figure stands in for it.</summary>
    public static string Summary(Figures figures)
    {
        Target[] bounds = [.. Measured(figures).Where(target => !target.Aim)];
        Target[] missed = [.. bounds.Where(target => !target.Met)];
        string[] unmeasured = [.. Ids(figures.Targets.Where(target => target.Verdict == TargetVerdict.NotMeasured))];
        var text = $"{bounds.Length - missed.Length} of {bounds.Length} targets were met";
        text += missed.Length == 0 ? "." : $"; missed, in whole or in part: {string.Join(", ", Ids(missed))}.";
        return unmeasured.Length == 0 ? text : text + $" Not measured in this run, in whole or in part: {string.Join(", ", unmeasured)}.";
    }

    public static IEnumerable<Target> Measured(Figures figures) =>
        figures.Targets.Where(target => target.Verdict != TargetVerdict.NotMeasured);

    private static IEnumerable<string> Ids(IEnumerable<Target> targets) => targets.Select(target => target.Id).Distinct();

    private static string Result(Target target) => (target.Verdict, target.Aim) switch
    {
        (TargetVerdict.Met, false) => "met",
        (TargetVerdict.Met, true) => "met (an aim)",
        (_, true) => "not reached (an aim)",
        (TargetVerdict.MissedWithinTolerance, _) => "**MISSED**, within tolerance",
        _ => "**MISSED**",
    };
}
