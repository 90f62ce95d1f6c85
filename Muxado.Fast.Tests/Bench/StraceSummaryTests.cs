using Muxado.Fast.Bench.Compare;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Bench;

/// <summary>The table of system calls is read with and without errors in it, and nothing else is taken for it.</summary>
public sealed class StraceSummaryTests
{
    private static readonly string[] s_output =
    [
        "strace: Process 4711 attached with 9 threads",
        "strace: Process 4711 detached",
        "% time     seconds  usecs/call     calls    errors syscall",
        "------ ----------- ----------- --------- --------- ----------------",
        " 81.20    1.250000          12    100000        17 recvmsg",
        " 18.80    0.289474           6     48000           sendto",
        "------ ----------- ----------- --------- --------- ----------------",
        "100.00    1.539474          10    148000        17 total",
        "",
    ];

    [Test]
    public void Calls_are_read_by_name() =>
        Assert.That(StraceSummary.Parse(s_output), Is.EquivalentTo(new Dictionary<string, long> { ["recvmsg"] = 100_000, ["sendto"] = 48_000 }));

    [Test]
    public void A_process_that_called_nothing_has_no_table() =>
        Assert.That(StraceSummary.Parse(["strace: Process 4711 attached", "strace: Process 4711 detached"]), Is.Empty);

    [Test]
    public void Counts_of_both_ends_are_per_operation_and_ordered()
    {
        var calls = SystemCalls.Create(
            "bulk", "muxado", new Dictionary<string, long> { ["sendto"] = 50, ["futex"] = 10 }, new Dictionary<string, long> { ["recvmsg"] = 100, ["futex"] = 20 }, 100);
        Assert.That((calls.ClientPerOperation, calls.ServerPerOperation), Is.EqualTo((0.6, 1.2)));
        Assert.That(calls.PerOperationByName.Keys, Is.EqualTo(new[] { "recvmsg", "sendto", "futex" }));
        Assert.That(calls.PerOperationByName["futex"], Is.EqualTo(0.3));
    }
}
