using System.Globalization;
using Muxado.Fast.Bench.Rivals;
using Spectre.Console;

namespace Muxado.Fast.Bench.Compare;

/// <summary>The one table of a comparison: medians, ratios, targets. A loss looks like a win but for the word and the colour.</summary>
internal static class ComparisonTable
{
    public static Table Create(Figures figures)
    {
        var table = new Table().Border(TableBorder.Rounded).ShowRowSeparators()
            .Title($"Medians of {figures.Rounds} alternating rounds")
            .Caption(Markup.Escape(
                $"{figures.Machine.Processors} processors, {figures.Machine.Runtime}, congestion control: {figures.Machine.CongestionControl}, {figures.ElapsedSeconds:0} s"))
            .AddColumn("workload")
            .AddColumn(new TableColumn("Muxado.Fast").RightAligned())
            .AddColumn(new TableColumn("TCP connection\nper operation").RightAligned())
            .AddColumn(new TableColumn("standing TCP,\nNetworkStream").RightAligned())
            .AddColumn(new TableColumn("ratio to\nTCP per op").RightAligned())
            .AddColumn(new TableColumn("ratio to\nNetworkStream").RightAligned())
            .AddColumn("target of this stage");
        foreach (var workload in Workload.All)
        {
            var ours = Find(figures, workload, MuxadoArm.Name)!;
            var perOperation = Find(figures, workload, TcpPerOperationArm.Name);
            var standing = Find(figures, workload, NetworkStreamArm.Name)!;
            table.AddRow(
                Markup.Escape(workload.Title),
                Describe(ours),
                perOperation is null ? "see churn" : Describe(perOperation),
                Describe(standing),
                Ratios(ours, perOperation),
                Ratios(ours, standing),
                string.Join('\n', figures.Targets.Where(target => target.Workload == workload.Name).Select(Describe)));
        }

        return table;
    }

    private static Cell? Find(Figures figures, Workload workload, string arm) =>
        figures.Cells.FirstOrDefault(cell => cell.Workload == workload.Name && cell.Arm == arm);

    private static bool IsBulk(Cell cell) => cell.Workload == Workload.BulkOneWay;

    private static string Describe(Cell cell)
    {
        var text = IsBulk(cell)
            ? Invariant($"{cell.MbPerSecond:N0} MB/s")
            : Invariant($"{cell.OpsPerSecond:N0}/s\np50 {cell.P50Us:N1} us\np99 {cell.P99Us:N1} us");
        return cell.Errors == 0 ? text : Invariant($"{text}\n[red]{cell.Errors} FAILED[/]");
    }

    private static string Ratios(Cell ours, Cell? rival)
    {
        if (rival is null)
            return "-";
        return IsBulk(ours)
            ? Ratio(ours.MbPerSecond / rival.MbPerSecond, "", moreIsBetter: true)
            : Ratio(ours.OpsPerSecond / rival.OpsPerSecond, "", moreIsBetter: true) + "\n"
                + Ratio(ours.P50Us / rival.P50Us, "p50 ", moreIsBetter: false) + "\n"
                + Ratio(ours.P99Us / rival.P99Us, "p99 ", moreIsBetter: false);
    }

    private static string Ratio(double ratio, string name, bool moreIsBetter)
    {
        var colour = ratio >= 1 == moreIsBetter ? "green" : "red";
        return Invariant($"[{colour}]{name}{ratio:N2}x[/]");
    }

    private static string Describe(Target target)
    {
        var verdict = target.Met ? "[green]met[/]" : "[red]MISSED[/]";
        var metric = target.Metric == "p50Us" ? "p50 " : "";
        return Invariant($"{metric}{target.Wanted}x {target.Rival}:\n{target.Ratio:N2}x, {verdict}");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
