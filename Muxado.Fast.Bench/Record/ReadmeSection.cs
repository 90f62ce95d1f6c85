using System.Text;
using Muxado.Fast.Bench.Compare;

namespace Muxado.Fast.Bench.Record;

/// <summary>What the front page says about performance: the targets that the last recorded run measured, and nothing older.</summary>
internal static class ReadmeSection
{
    /// <param name="figures">The run.</param>
    /// <param name="folder">What leads from the front page to the record's folder.</param>
    /// <param name="plots">The names of the plots that there are.</param>
    public static string Create(Figures figures, string folder, IReadOnlyCollection<string> plots)
    {
        var text = new StringBuilder();
        text.Append($"{RunLine.Describe(figures)} {TargetMarkdown.Summary(figures)}\n");
        text.Append($"[All tables]({folder}tables.md), [where it ran]({folder}environment.md), ");
        text.Append($"[how it is measured]({RecordDestination.ResultsName}/README.md).\n\n");
        if (TargetMarkdown.Measured(figures).Any())
            text.Append(TargetMarkdown.Create(figures));
        if (plots.Contains(PlotSet.Ratios))
            text.Append($"\n![ratios]({folder}{PlotSet.Folder}/{PlotSet.Ratios}.svg)\n");
        return text.ToString();
    }
}
