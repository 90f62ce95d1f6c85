using System.Globalization;
using System.Text.RegularExpressions;
using Muxado.Fast.Bench.Compare;
using Muxado.Fast.Bench.Record.Plots;
using ScottPlot;

namespace Muxado.Fast.Bench.Record;

/// <summary>What of a run goes into which plot, picked by the workloads' names. Nothing when it was not measured.</summary>
internal static partial class PlottedData
{
    // The maximum, at 100, has no place on an axis where each factor of ten is as far from the one before.
    private const double LastPercentile = 99.995;

    public static IReadOnlyList<RatioBar> Ratios(Figures figures) =>
    [
        .. from target in TargetMarkdown.Measured(figures)
        let bound = Bound.Of(target)
        where target.Ratio is > 0 && bound is not null
        let name = $"{target.Id}  {target.Title}"
        select new RatioBar(name, target.Ratio.GetValueOrDefault(), bound.Value.Value, bound.Value.AtLeast, target.Met, target.Aim),
    ];

    public static IEnumerable<string> LatencyWorkloads(Figures figures) =>
        figures.Cells.Select(cell => cell.Workload).Where(name => name == "ping-pong" || ChurnName().IsMatch(name)).Distinct();

    public static IReadOnlyList<PlotLine> Latencies(Figures figures, string workload) => Lines(
        figures.Cells.Where(cell => cell.Workload == workload)
            .SelectMany(cell => cell.Latencies.Select(point => (cell.Arm, X: point.Percentile, Y: point.Us)))
            .Where(point => point.X is >= 50 and < LastPercentile));

    public static IReadOnlyList<PlotLine> Churn(Figures figures) => OverCounts(figures, ChurnName(), cell => cell.OpsPerSecond);

    public static IReadOnlyList<PlotLine> Bulk(Figures figures) => OverCounts(figures, BulkName(), cell => cell.MbPerSecond);

    /// <summary>The sizes of payload whose echo was measured, as <c>1MiB</c>.</summary>
    public static IEnumerable<string> MatrixSizes(Figures figures) =>
        figures.Cells.Select(cell => MatrixName().Match(cell.Workload))
            .Where(match => match.Success)
            .Select(match => match.Groups["size"].Value)
            .Distinct();

    /// <summary>A size for people: <c>1 MiB</c>.</summary>
    public static string WithSpace(string size) => size.Insert(size.AsSpan().LastIndexOfAnyInRange('0', '9') + 1, " ");

    public static IReadOnlyList<PlotLine> Matrix(Figures figures, string size) => Lines(
        from cell in figures.Cells
        let match = MatrixName().Match(cell.Workload)
        where match.Success && match.Groups["size"].Value == size
        select (cell.Arm, Count(match), cell.MbPerSecond));

    /// <summary>The client's live objects, and the pages of its process, both divided by the number of streams.</summary>
    public static IReadOnlyList<PlotLine> IdleMemory(Figures figures) =>
    [
        .. IdleMemory(figures, "heap").Select(line => line with { Title = $"{line.Title}: live objects" }),
        .. IdleMemory(figures, "rss").Select(line => line with
        {
            Title = $"{line.Title}: resident pages",
            Style = line.Style with { Dashed = true, Marker = MarkerShape.OpenSquare },
        }),
    ];

    private static PlotLine[] IdleMemory(Figures figures, string what) => Lines(
        from cell in figures.Cells
        from extra in cell.Extra
        let match = IdleMemoryName().Match(extra.Key)
        where match.Success && match.Groups["what"].Value == what
        select (cell.Arm, Count(match), extra.Value / Count(match)));

    private static PlotLine[] OverCounts(Figures figures, Regex name, Func<Cell, double> value) => Lines(
        from cell in figures.Cells
        let match = name.Match(cell.Workload)
        where match.Success
        select (cell.Arm, Count(match), value(cell)));

    // A point alone is no line to read anything off; what failed altogether has no logarithm.
    private static PlotLine[] Lines(IEnumerable<(string Arm, double X, double Y)> points)
    {
        PlotLine[] lines =
        [
            .. points.Where(point => point.Y > 0)
                .GroupBy(point => point.Arm, point => (point.X, point.Y))
                .Select(arm => new PlotLine(arm.Key, [.. arm.OrderBy(point => point.X)])),
        ];
        return lines.Any(line => line.Points.Count > 1) ? lines : [];
    }

    private static double Count(Match match) =>
        match.Groups["count"].Success ? double.Parse(match.Groups["count"].ValueSpan, CultureInfo.InvariantCulture) : 1;

    [GeneratedRegex(@"^churn-(?<count>\d+)$")]
    private static partial Regex ChurnName();

    [GeneratedRegex(@"^bulk(-(?<count>\d+))?$")]
    private static partial Regex BulkName();

    [GeneratedRegex(@"^matrix-(?<size>\w+)-x(?<count>\d+)$")]
    private static partial Regex MatrixName();

    [GeneratedRegex(@"^(?<what>heap|rss)BytesOf(?<count>\d+)IdleStreams$")]
    private static partial Regex IdleMemoryName();
}
