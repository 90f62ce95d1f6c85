using System.Text;
using Muxado.Fast.Bench.Compare;
using Muxado.Fast.Bench.Record.Plots;

namespace Muxado.Fast.Bench.Record;

/// <summary>All tables of a run: the targets, then each workload over every arm.</summary>
internal static class TablesPage
{
    /// <param name="figures">The run.</param>
    /// <param name="heading">The page's title.</param>
    /// <param name="folder">What leads from the page to the record's folder: empty when it is in there.</param>
    /// <param name="plots">The names of the plots that there are.</param>
    public static string Create(Figures figures, string heading, string folder, IReadOnlyCollection<string> plots)
    {
        var text = new StringBuilder();
        text.Append($"# {heading}\n\n{RunLine.Describe(figures)}\n\n");
        text.Append($"    {figures.Command}\n\n");
        text.Append($"Medians of alternating rounds, at most {figures.Rounds}. [Where it ran]({folder}environment.md), ");
        text.Append($"[every figure]({folder}figures.json), [how it is measured]({(folder.Length == 0 ? "../" : "")}README.md).\n\n");
        text.Append($"## Targets\n\n{TargetMarkdown.Summary(figures)}\n\n");
        if (TargetMarkdown.Measured(figures).Any())
            text.Append($"{TargetMarkdown.Create(figures)}\n");
        AppendUnmeasured(text, figures);
        AppendErrors(text, figures);
        foreach (var plot in plots)
            text.Append($"![{plot}]({folder}{PlotSet.Folder}/{plot}.svg)\n\n");
        text.Append("## Workloads\n\nCosts are of both ends together. A dash is what is not known.\n\n");
        foreach (var workload in figures.Cells.GroupBy(cell => cell.Workload))
        {
            Cell[] cells = [.. workload.OrderBy(cell => ArmStyle.Order(cell.Arm))];
            text.Append($"### {cells[0].WorkloadTitle} (`{workload.Key}`)\n\n{WorkloadMarkdown.Create(cells, figures.SystemCalls)}\n");
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static void AppendUnmeasured(StringBuilder text, Figures figures)
    {
        Target[] unmeasured = [.. figures.Targets.Where(target => target.Verdict == TargetVerdict.NotMeasured)];
        if (unmeasured.Length == 0)
            return;
        text.Append("Not measured in this run:\n\n");
        foreach (var target in unmeasured)
            text.Append($"- {target.Id}, {target.Title} ({target.Wanted}): {target.WhyNotMeasured}\n");
        text.Append('\n');
    }

    private static void AppendErrors(StringBuilder text, Figures figures)
    {
        if (figures.Errors.Count == 0)
            return;
        text.Append("**Failed operations:**\n\n");
        foreach (var error in figures.Errors)
            text.Append($"- {error}\n");
        text.Append('\n');
    }
}
