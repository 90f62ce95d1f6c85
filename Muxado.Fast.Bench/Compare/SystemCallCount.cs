using Muxado.Fast.Bench.Cli;
using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Compare;

/// <summary>Counts the system calls of some cells, each in fresh processes and after the timed rounds.</summary>
/// <remarks>
/// A traced process is many times slower, and one that batches by itself batches more while its calls are slow: read the counts
/// of concurrent workloads as what is possible, those of one operation at a time as what is.
/// </remarks>
internal static class SystemCallCount
{
    private static readonly string[] s_workloads = [Workload.PingPong64, Workload.BulkOneWay, Workload.Churn64];
    private static readonly string[] s_arms = [MuxadoArm.Name, NetworkStreamArm.Name, "pump", "blocking"];
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_slice = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_startTime = TimeSpan.FromSeconds(2);

    public static IReadOnlyList<(Workload Workload, string Arm)> Select(IEnumerable<(Workload Workload, string Arm)> cells) =>
        [.. cells.Where(cell => s_workloads.Contains(cell.Workload.Name) && s_arms.Contains(cell.Arm))];

    public static TimeSpan Estimate(IReadOnlyCollection<(Workload Workload, string Arm)> cells) => (s_startTime + s_warmUp + s_slice) * cells.Count;

    /// <summary>Counts until it cannot; the reason is added to <paramref name="skipped"/>.</summary>
    public static async Task<IReadOnlyList<SystemCalls>> RunAsync(
        IEnumerable<(Workload Workload, string Arm)> cells, ICollection<string> skipped, CancellationToken cancellationToken)
    {
        var counts = new List<SystemCalls>();
        try
        {
            foreach (var (workload, arm) in cells)
                counts.Add(await CountAsync(workload, arm, cancellationToken));
        }
        catch (Exception failure) when (failure is CommandFailedException or TimeoutException)
        {
            skipped.Add($"system calls: {failure.Message}");
        }

        return counts;
    }

    private static async Task<SystemCalls> CountAsync(Workload workload, string arm, CancellationToken cancellationToken)
    {
        await using var pair = await ArmPair.StartAsync(arm, cancellationToken);
        await pair.MeasureAsync(workload, s_warmUp, cancellationToken);
        await using var server = await Strace.AttachAsync(pair.ServerProcessId, cancellationToken);
        await using var client = await Strace.AttachAsync(pair.ClientProcessId, cancellationToken);
        var sample = await pair.MeasureAsync(workload, s_slice, cancellationToken);
        return SystemCalls.Create(
            workload.Name, arm, await client.DetachAsync(cancellationToken), await server.DetachAsync(cancellationToken), Math.Max(sample.Operations, 1));
    }
}
