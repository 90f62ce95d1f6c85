using Muxado.Fast.Bench.Compare;

namespace Muxado.Fast.Bench.Record;

/// <summary>One workload over every arm that carried it: medians over the rounds, costs of both ends together.</summary>
internal static class WorkloadMarkdown
{
    public static string Create(IReadOnlyCollection<Cell> cells, IReadOnlyCollection<SystemCalls> systemCalls)
    {
        var isBulk = Workload.All.Any(workload => workload.IsBulk && cells.Any(cell => cell.Workload == workload.Name));
        var table = isBulk ? Bulk(cells, systemCalls) : Operations(cells, systemCalls);
        string[] further = [.. cells.Where(cell => cell.Extra.Count > 0).Select(DescribeExtra)];
        return further.Length == 0 ? table.ToString() : $"{table}\n{string.Concat(further)}";
    }

    private static MarkdownTable Operations(IEnumerable<Cell> cells, IReadOnlyCollection<SystemCalls> systemCalls)
    {
        var table = new MarkdownTable(
            "over", "operations:", "payload, one way:", "p50:", "p99:", "CPU per op:", "allocated per op:", "context switches per op:",
            "system calls per op:", "failed:");
        foreach (var cell in cells)
        {
            table.Add([
                cell.ArmTitle,
                Quantity.PerSecond(cell.OpsPerSecond),
                Quantity.MbPerSecond(cell.MbPerSecond),
                Quantity.Us(Measured(cell.P50Us)),
                Quantity.Us(Measured(cell.P99Us)),
                .. Costs(cell, systemCalls, 1),
                Quantity.Count(cell.Errors)]);
        }

        return table;
    }

    // A transfer is an operation there, and transfers differ in length between arms; megabytes do not.
    private static MarkdownTable Bulk(IEnumerable<Cell> cells, IReadOnlyCollection<SystemCalls> systemCalls)
    {
        var table = new MarkdownTable(
            "over", "payload, one way:", "CPU per MB:", "allocated per MB:", "context switches per MB:", "system calls per MB:", "failed:");
        foreach (var cell in cells)
        {
            table.Add([
                cell.ArmTitle,
                Quantity.MbPerSecond(cell.MbPerSecond),
                .. Costs(cell, systemCalls, cell.OpsPerSecond / cell.MbPerSecond),
                Quantity.Count(cell.Errors)]);
        }

        return table;
    }

    private static string[] Costs(Cell cell, IEnumerable<SystemCalls> systemCalls, double operations)
    {
        var calls = systemCalls.FirstOrDefault(calls => calls.Workload == cell.Workload && calls.Arm == cell.Arm);
        return
        [
            Quantity.Us(cell.CpuUsPerOperation * operations),
            Quantity.Bytes(cell.AllocatedBytesPerOperation * operations),
            Quantity.Count(cell.SwitchesPerOperation * operations),
            Quantity.Count((calls?.ClientPerOperation + calls?.ServerPerOperation) * operations),
        ];
    }

    // A scenario that does not look at latencies says zero.
    private static double? Measured(double latencyUs) => latencyUs > 0 ? latencyUs : null;

    private static string DescribeExtra(Cell cell)
    {
        var figures = cell.Extra.Select(extra => $"{extra.Key} {Metric.Describe(extra.Key, extra.Value)}");
        return $"- {cell.ArmTitle}: {string.Join(", ", figures)}\n";
    }
}
