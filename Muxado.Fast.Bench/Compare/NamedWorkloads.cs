using System.Globalization;
using System.Text.RegularExpressions;
using Muxado.Fast.Bench.Rivals;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Compare;

/// <summary>Workloads whose name tells their size: those that are recorded, and any other that is asked for by name.</summary>
internal static partial class NamedWorkloads
{
    private const int PriorityFlows = 8;
    private const int ChurnConcurrency = 64;

    private static readonly int[] s_idleCounts = [1_000, 10_000, 100_000];

    private static readonly string[] s_muxadoOnly = [MuxadoArm.Name];
    private static readonly string[] s_delayLineArms = [MuxadoArm.Name, NetworkStreamArm.Name];
    private static readonly string[] s_matrixArms = [MuxadoArm.Name, TcpPerOperationArm.Name, "muxado-tls", "tls-per-operation"];

    /// <summary>The recorded ones, by the question that they answer.</summary>
    public static IReadOnlyList<Workload> All { get; } =
    [
        .. Parse("priority", "idle-memory", "churn-64-idle-0", "churn-64-idle-10k", "churn-64-idle-100k", "delay-line", "delay-line-default"),
        .. from size in new[] { "1B", "1KiB", "1MiB", "32MiB" } from streams in new[] { 1, 4, 8, 64, 256 } select Parse($"matrix-{size}-x{streams}"),
    ];

    /// <summary>The workload of a name such as <c>churn-64-idle-500</c> or <c>matrix-3KiB-x2</c>; null if the name means none.</summary>
    public static Workload? Parse(string name)
    {
        if (name == "priority")
            return For(s_muxadoOnly, name, "64 B ping-pong at high priority beside 8 bulk streams", (arm, time) => PriorityPing.RunAsync(arm, PriorityFlows, time));
        if (name == "delay-line")
            return For(s_delayLineArms, name, "bulk through a line of 50 ms, receive window up to 32 MiB", (arm, time) => DelayedBulk.RunAsync(arm, wide: true, time));
        if (name == "delay-line-default")
            return For(s_delayLineArms, name, "bulk through a line of 50 ms, default receive window", (arm, time) => DelayedBulk.RunAsync(arm, wide: false, time));
        if (IdleMemoryName().Match(name) is { Success: true } memory)
        {
            var counts = memory.Groups["count"].Success ? [Count(memory)] : s_idleCounts;
            return For(s_muxadoOnly, name, $"memory of up to {counts.Max():N0} idle streams", (arm, _) => IdleMemory.RunAsync(arm, counts));
        }

        if (IdleChurnName().Match(name) is { Success: true } churn)
        {
            var idle = Count(churn);
            return For(s_muxadoOnly, name, $"open + 64 B + echo + close, 64 at a time, beside {idle:N0} idle streams",
                (arm, time) => ChurnBesideIdle.RunAsync(arm, ChurnConcurrency, idle, time));
        }

        if (MatrixName().Match(name) is { Success: true } matrix)
        {
            var (size, unit, streams) = (Count(matrix), matrix.Groups["unit"].Value, int.Parse(matrix.Groups["streams"].Value, CultureInfo.InvariantCulture));
            var sizeBytes = size * (unit switch { "KiB" => 1024L, "MiB" => 1024 * 1024, _ => 1 });
            return For(s_matrixArms, name, $"open + {size} {unit} + echo + close, {streams} at a time",
                (arm, time) => EchoMatrix.RunAsync(arm, sizeBytes, streams, time));
        }

        return null;
    }

    private static IEnumerable<Workload> Parse(params string[] names) => names.Select(name => Parse(name)!);

    private static Workload For(string[] arms, string name, string title, Func<Arm, TimeSpan, Task<Measurement>> run) => new(name, title, run) { Arms = arms };

    private static int Count(Match match) =>
        int.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture) * (match.Groups["thousands"].Success ? 1000 : 1);

    [GeneratedRegex(@"^idle-memory(-(?<count>[1-9]\d{0,5})(?<thousands>k)?)?$")]
    private static partial Regex IdleMemoryName();

    [GeneratedRegex(@"^churn-64-idle-(?<count>\d{1,5})(?<thousands>k)?$")]
    private static partial Regex IdleChurnName();

    [GeneratedRegex(@"^matrix-(?<count>[1-9]\d{0,4})(?<unit>B|KiB|MiB)-x(?<streams>[1-9]\d{0,3})$")]
    private static partial Regex MatrixName();
}
