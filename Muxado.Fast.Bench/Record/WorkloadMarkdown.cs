using Muxado.Fast.Bench.Compare;

namespace Muxado.Fast.Bench.Record;

/// <summary>One workload over every arm that carried it: medians over the rounds, costs of both ends together.</summary>
internal static class WorkloadMarkdown
{
    public static string Create(IReadOnlyCollection<Cell> cells, IReadOnlyCollection<SystemCalls> systemCalls)
    {
        var table = new MarkdownTable(
            "over", "operations:", "payload, one way:", "p50:", "p99:", "CPU per op:", "allocated per op:", "context switches per op:", "system calls per op:",
            "failed:");
        foreach (var cell in cells)
        {
            table.Add(
                cell.ArmTitle,
                Quantity.PerSecond(cell.OpsPerSecond),
                Quantity.MbPerSecond(cell.MbPerSecond),
                Quantity.Us(cell.P50Us),
                Quantity.Us(cell.P99Us),
                Quantity.Us(cell.CpuUsPerOperation),
                Quantity.Bytes(cell.AllocatedBytesPerOperation),
                Quantity.Count(cell.SwitchesPerOperation),
                Quantity.Count(SystemCallsPerOperation(cell, systemCalls)),
                Quantity.Count(cell.Errors));
        }

        string[] further = [.. cells.Where(cell => cell.Extra.Count > 0).Select(Describe)];
        return further.Length == 0 ? table.ToString() : $"{table}\n{string.Concat(further)}";
    }

    private static double? SystemCallsPerOperation(Cell cell, IEnumerable<SystemCalls> systemCalls) => systemCalls
        .Where(calls => calls.Workload == cell.Workload && calls.Arm == cell.Arm)
        .Select(calls => (double?)(calls.ClientPerOperation + calls.ServerPerOperation))
        .FirstOrDefault();

    private static string Describe(Cell cell) =>
        $"- {cell.ArmTitle}: {string.Join(", ", cell.Extra.Select(extra => $"{extra.Key} {Metric.Describe(extra.Key, extra.Value)}"))}\n";
}
