using System.Globalization;
using Spectre.Console;

namespace Muxado.Fast.Bench.Compare;

/// <summary>The targets with what was found. A miss looks like a hit but for the word and the colour.</summary>
internal static class TargetTable
{
    public static Table Create(IEnumerable<Target> targets)
    {
        var table = new Table().Border(TableBorder.Rounded).Title("Targets: ratios of medians")
            .AddColumn("id")
            .AddColumn("what")
            .AddColumn(new TableColumn("ours").RightAligned())
            .AddColumn(new TableColumn("rival").RightAligned())
            .AddColumn(new TableColumn("ratio").RightAligned())
            .AddColumn("wanted")
            .AddColumn("verdict");
        foreach (var target in targets)
        {
            table.AddRow(
                target.Id,
                Markup.Escape(target.Title + (target.Workload.StartsWith("matrix", StringComparison.Ordinal) ? $" (worst: {target.Workload})" : "")),
                Number(target.Ours),
                Number(target.Theirs),
                target.Ratio is { } ratio ? Invariant($"{ratio:N2}x") : "-",
                Markup.Escape(target.Wanted),
                Describe(target));
        }

        return table;
    }

    private static string Describe(Target target) => target.Verdict switch
    {
        TargetVerdict.Met => target.Aim ? "[green]aim reached[/]" : "[green]met[/]",
        TargetVerdict.NotMeasured => Markup.Escape($"not measured: {target.WhyNotMeasured}"),
        _ when target.Aim => "[yellow]aim not reached[/]",
        TargetVerdict.MissedWithinTolerance => Invariant($"[red]MISSED[/], within the tolerance of {target.Tolerance:0.#%}"),
        _ => "[red]MISSED[/]",
    };

    private static string Number(double? value) => value switch
    {
        null => "-",
        >= 1000 or <= -1000 => Invariant($"{value:N0}"),
        _ => Invariant($"{value:N2}"),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
