using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Muxado.Fast.Bench.Compare;

namespace Muxado.Fast.Bench.Record;

/// <summary>Where and how a run was made: whatever the figures say about it, under the names that they have there.</summary>
internal static partial class EnvironmentPage
{
    public static string Create(Figures figures)
    {
        var table = new MarkdownTable("what", "value");
        table.Add("date", figures.Date.ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture));
        table.Add("built from", figures.Commit);
        table.Add("working tree", figures.WorkingTree);
        table.Add("command line", $"`{figures.Command}`");
        table.Add("rounds, at most", Quantity.Number(figures.Rounds));
        table.Add("time taken", Quantity.Number(figures.ElapsedSeconds) + " s");
        foreach (var (name, value) in JsonSerializer.SerializeToNode(figures.Machine, FiguresFile.Json)!.AsObject())
            table.Add(WordStart().Replace(name, " $0").ToLowerInvariant(), Describe(value));

        var page = $"# Where this was measured\n\n{table}";
        return figures.Skipped.Count == 0
            ? page
            : $"{page}\nNot measured here:\n\n{string.Concat(figures.Skipped.Select(reason => $"- {reason}\n"))}";
    }

    private static string Describe(JsonNode? value) => value?.ToString() is { Length: > 0 } text ? text : "-";

    [GeneratedRegex("(?<=[a-z])[A-Z]")]
    private static partial Regex WordStart();
}
