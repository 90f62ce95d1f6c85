using Muxado.Fast.Bench.Compare;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Tests.Bench.Record;

/// <summary>
/// A small run, made by hand: churn over two arms at two concurrencies, bulk over one; targets met, missed, hoped for and not measured.
/// </summary>
internal static class RecordedFigures
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    /// <summary>The date and the first seven digits of the commit.</summary>
    public const string FolderName = "2026-03-04-0123456";

    public static Figures Create() => new(
        false,
        7,
        123.4,
        new Machine("an operating system", 2, ".NET 10", "reno", "a processor", "a kernel", "workstation, non-concurrent"),
        [
            Cell("churn-1", "muxado", 25_001, 40.5),
            Cell("churn-64", "muxado", 583_211, 107.25),
            Cell("churn-1", "tcp-per-operation", 8_699, 111.5),
            Cell("churn-64", "tcp-per-operation", 17_822, 3590.5),
            Cell("bulk", "muxado", 100, 10_000) with { MbPerSecond = 1600 },
        ],
        [
            Target("P2", "churn, to TCP", 583_211, 17_822, ">= 30", TargetVerdict.Met),
            Target("P1", "one at a time, to TCP", 25_001, 8_699, ">= 4", TargetVerdict.Missed),
            Target("P3", "streams a second", 583_211, null, ">= 1,000,000", TargetVerdict.Missed, aim: true),
            Target("P7", "priority", null, null, "<= 3", TargetVerdict.NotMeasured),
        ],
        ["yamux, churn-64: 1 failed, the first: no answer"])
    {
        Command = "compare --record",
        Commit = "0.1.0+" + Commit,
        WorkingTree = "dirty",
        Date = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero),
        Skipped = ["smux: no Go here"],
        SystemCalls = [new SystemCalls("churn-64", "muxado", 1.5, 2.25, new Dictionary<string, double> { ["sendmsg"] = 3 })],
    };

    private static Cell Cell(string workload, string arm, double rate, double medianUs) =>
        new(workload, arm, rate, rate * 64 / 1e6, medianUs, 2 * medianUs, 0, [])
        {
            WorkloadTitle = $"the title of {workload}",
            CpuUsPerOperation = 3.21,
            AllocatedBytesPerOperation = 0,
            SwitchesPerOperation = 0.125,
            Latencies = [.. new[] { 50, 90, 99, 99.9, 100 }.Select((percentile, i) => new LatencyPoint(percentile, medianUs * (i + 1)))],
        };

    private static Target Target(
        string id, string title, double? ours, double? theirs, string wanted, TargetVerdict verdict, bool aim = false)
    {
        var rival = theirs is null ? null : "tcp-per-operation";
        var why = verdict == TargetVerdict.NotMeasured ? "priority over muxado was not run" : null;
        return new Target(
            id, title, "churn-64", "opsPerSecond", "muxado", rival, ours, theirs, ours / theirs, wanted, 0.1, aim, verdict, why);
    }
}
