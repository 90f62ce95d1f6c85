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
    private const int FewRounds = 3;
    private const long BytesOfALongRound = 1024 * 1024 * 1024;

    private static readonly int[] s_idleCounts = [1_000, 10_000, 100_000];

    private static readonly string[] s_muxadoOnly = [MuxadoArm.Name];
    private static readonly string[] s_delayLineArms = [MuxadoArm.Name, NetworkStreamArm.Name];
    private static readonly string[] s_matrixArms = [MuxadoArm.Name, TcpPerOperationArm.Name, MuxadoTlsArm.Name, TlsPerOperationArm.Name];

    // What makes so many cells fit into minutes.
    private static readonly TimeSpan s_matrixSlice = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_matrixWarmUp = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan s_idleMemoryTime = TimeSpan.FromSeconds(3);

    /// <summary>The recorded ones, by the question that they answer.</summary>
    public static IReadOnlyList<Workload> All { get; } =
    [
        .. new[] { "priority", "idle-memory", "churn-64-idle-0", "churn-64-idle-10k", "churn-64-idle-100k", "delay-line", "delay-line-default" }
            .Select(name => Parse(name)!),
        .. from size in new[] { "1B", "1KiB", "1MiB", "32MiB" } from streams in new[] { 1, 4, 8, 64, 256 } select Parse($"matrix-{size}-x{streams}"),
    ];

    /// <summary>The workload of a name such as <c>churn-64-idle-500</c> or <c>matrix-3KiB-x2</c>; null if the name means none.</summary>
    public static Workload? Parse(string name) => name switch
    {
        "priority" => new(name, "64 B ping-pong at high priority beside 8 bulk streams", (arm, time) => PriorityPing.RunAsync(arm, PriorityFlows, time))
        {
            Arms = s_muxadoOnly,
        },
        "delay-line" => DelayLine(name, "window up to 32 MiB", wide: true),
        "delay-line-default" => DelayLine(name, "default window", wide: false),
        _ when IdleMemoryName().Match(name) is { Success: true } match => IdleMemoryOf(name, match.Groups["count"].Success ? [Count(match)] : s_idleCounts),
        _ when IdleChurnName().Match(name) is { Success: true } match => IdleChurn(name, Count(match)),
        _ when MatrixName().Match(name) is { Success: true } match => Matrix(name, Count(match), match.Groups["unit"].Value, Number(match, "streams")),
        _ => null,
    };

    private static Workload DelayLine(string name, string window, bool wide) =>
        new(name, $"bulk one way over a line of 50 ms a round trip, {window}", (arm, time) => DelayedBulk.RunAsync(arm, wide, time))
        {
            Arms = s_delayLineArms,
            Family = "delay-line",
            IsBulk = true,
            MostRounds = FewRounds,
            FurtherWarmUp = DelayedBulk.Shortest,
            OwnTime = DelayedBulk.Shortest,
        };

    private static Workload IdleMemoryOf(string name, int[] counts) =>
        new(name, $"memory of up to {counts.Max():N0} idle streams", (arm, _) => IdleMemory.RunAsync(arm, counts))
        {
            Arms = s_muxadoOnly,
            MostRounds = FewRounds,
            OwnTime = s_idleMemoryTime,
        };

    private static Workload IdleChurn(string name, int idle) =>
        new(name, $"open + 64 B + echo + close, 64 at a time, beside {idle:N0} idle streams", (arm, time) => ChurnBesideIdle.RunAsync(arm, ChurnConcurrency, idle, time))
        {
            Arms = s_muxadoOnly,
            Family = "churn-64-idle",
        };

    private static Workload Matrix(string name, int size, string unit, int streams)
    {
        var sizeBytes = size * (unit switch { "KiB" => 1024L, "MiB" => 1024 * 1024, _ => 1 });

        // Every stream does at least one echo: where that alone takes seconds there is nothing to warm up and little noise.
        var isLong = sizeBytes * streams >= BytesOfALongRound;
        return new Workload(name, $"open + {size} {unit} + echo + close, {streams} at a time", (arm, time) => EchoMatrix.RunAsync(arm, sizeBytes, streams, Least(time, s_matrixSlice)))
        {
            Arms = s_matrixArms,
            Family = "matrix",
            IsBulk = unit == "MiB",
            MostRounds = isLong ? 1 : FewRounds,
            FurtherWarmUp = isLong ? TimeSpan.Zero : s_matrixWarmUp,
            OwnTime = s_matrixSlice,
        };
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static int Count(Match match) => Number(match, "count") * (match.Groups["thousands"].Success ? 1000 : 1);

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^idle-memory(-(?<count>[1-9]\d{0,2})(?<thousands>k)?)?$")]
    private static partial Regex IdleMemoryName();

    [GeneratedRegex(@"^churn-64-idle-(?<count>\d{1,3})(?<thousands>k)?$")]
    private static partial Regex IdleChurnName();

    [GeneratedRegex(@"^matrix-(?<count>[1-9]\d{0,4})(?<unit>B|KiB|MiB)-x(?<streams>[1-9]\d{0,3})$")]
    private static partial Regex MatrixName();
}
