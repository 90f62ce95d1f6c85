using System.Globalization;
using Spectre.Console;

namespace Muxado.Fast.Bench.Compare;

/// <summary>Every workload over every arm: medians, and how Muxado.Fast stands to it. A loss looks like a win but for the colour.</summary>
internal static class WorkloadTable
{
    // Over the same kind of connection: what is beside TLS is over TLS.
    private static readonly string[] s_tlsArms = ["muxado-tls", "tls-per-operation", "ssl-stream"];

    public static Table Create(Figures figures)
    {
        var table = new Table().Border(TableBorder.Rounded)
            .Title(string.Create(CultureInfo.InvariantCulture, $"Medians of {figures.Rounds} alternating rounds (fewer where an arm gets fewer)"))
            .Caption(Markup.Escape(Describe(figures)))
            .AddColumn("workload")
            .AddColumn("over")
            .AddColumn(new TableColumn("rate").RightAligned())
            .AddColumn(new TableColumn("p50").RightAligned())
            .AddColumn(new TableColumn("p99").RightAligned())
            .AddColumn(new TableColumn("our rate\nto it").RightAligned())
            .AddColumn(new TableColumn("our p50\nto it").RightAligned())
            .AddColumn(new TableColumn("CPU us\nper op, MB").RightAligned())
            .AddColumn(new TableColumn("bytes alloc.\nper op, MB").RightAligned())
            .AddColumn(new TableColumn("switches\nper op, MB").RightAligned())
            .AddColumn("also");
        var cells = figures.Cells.ToDictionary(cell => (cell.Workload, cell.Arm));
        foreach (var workload in figures.Cells.GroupBy(cell => cell.Workload))
        {
            if (table.Rows.Count > 0)
                table.AddEmptyRow();
            foreach (var (index, cell) in workload.Index())
                table.AddRow([index == 0 ? Markup.Escape(cell.WorkloadTitle) : "", .. Describe(cell, Ours(cell, cells))]);
        }

        return table;
    }

    private static Cell? Ours(Cell cell, Dictionary<(string Workload, string Arm), Cell> cells)
    {
        var ours = s_tlsArms.Contains(cell.Arm) ? "muxado-tls" : "muxado";
        return ours == cell.Arm ? null : cells.GetValueOrDefault((cell.Workload, ours));
    }

    private static IEnumerable<string> Describe(Cell cell, Cell? ours)
    {
        var bulk = Workload.Get(cell.Workload).IsBulk;
        yield return Markup.Escape(cell.ArmTitle) + (cell.Errors == 0 ? "" : Invariant($"\n[red]{cell.Errors} FAILED[/]"));
        yield return bulk ? Invariant($"{cell.MbPerSecond:N0} MB/s") : Invariant($"{cell.OpsPerSecond:N0}/s");
        yield return bulk ? "" : Invariant($"{cell.P50Us:N1} us");
        yield return bulk ? "" : Invariant($"{cell.P99Us:N1} us");
        yield return Ratio(bulk ? ours?.MbPerSecond / cell.MbPerSecond : ours?.OpsPerSecond / cell.OpsPerSecond, moreIsBetter: true);
        yield return bulk ? "" : Ratio(ours?.P50Us / cell.P50Us, moreIsBetter: false);
        // Transfers differ in length between arms; megabytes do not.
        var unit = bulk ? cell.OpsPerSecond / cell.MbPerSecond : 1;
        yield return Invariant($"{cell.CpuUsPerOperation * unit:N2}");
        yield return Invariant($"{cell.AllocatedBytesPerOperation * unit:N1}");
        yield return Invariant($"{cell.SwitchesPerOperation * unit:N3}");
        yield return string.Join('\n', cell.Extra.Select(extra => Markup.Escape(Invariant($"{extra.Key} {extra.Value:#,0.###}"))));
    }

    private static string Ratio(double? ratio, bool moreIsBetter) => ratio is { } known && double.IsFinite(known)
        ? Invariant($"[{(known >= 1 == moreIsBetter ? "green" : "red")}]{known:N2}x[/]")
        : "";

    private static string Describe(Figures figures)
    {
        var machine = figures.Machine;
        return Invariant($"{machine.Processors} processors ({machine.Cpu}), {machine.Runtime}, GC: {machine.GarbageCollector}, ")
            + Invariant($"congestion control: {machine.CongestionControl}, {figures.ElapsedSeconds:N0} s");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
