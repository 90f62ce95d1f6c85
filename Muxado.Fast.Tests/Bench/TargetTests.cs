using Muxado.Fast.Bench.Compare;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Bench;

/// <summary>How targets are judged: by ratios of medians, never in favour of what was not measured.</summary>
public sealed class TargetTests
{
    private static readonly string[] s_workloads = ["ping-pong", "bulk", "matrix-a", "matrix-b"];

    [TestCase(10, nameof(TargetVerdict.Met))]
    [TestCase(9, nameof(TargetVerdict.MissedWithinTolerance))]
    [TestCase(8, nameof(TargetVerdict.Missed))]
    public void More_is_better_under_a_lower_bound(double ours, string verdict)
    {
        var target = new TargetSpec("P", "", "bulk", "opsPerSecond", Rival: "pump", AtLeast: 1, Tolerance: 0.1001);
        var found = Check(target, Cell("bulk", "muxado", ops: ours), Cell("bulk", "pump", ops: 10));
        Assert.That(found.Verdict.ToString(), Is.EqualTo(verdict));
        Assert.That(found.Met, Is.EqualTo(verdict == nameof(TargetVerdict.Met)));
        Assert.That(found.FailsCheck, Is.EqualTo(verdict == nameof(TargetVerdict.Missed)));
        Assert.That(found.Ratio, Is.EqualTo(ours / 10));
    }

    [TestCase(10, nameof(TargetVerdict.Met))]
    [TestCase(11, nameof(TargetVerdict.MissedWithinTolerance))]
    [TestCase(12, nameof(TargetVerdict.Missed))]
    public void Less_is_better_under_an_upper_bound(double ours, string verdict)
    {
        var target = new TargetSpec("P", "", "ping-pong", "p50Us", Rival: "pump", AtMost: 1, Tolerance: 0.1001);
        Assert.That(Check(target, Cell("ping-pong", "muxado", p50Us: ours), Cell("ping-pong", "pump", p50Us: 10)).Verdict.ToString(), Is.EqualTo(verdict));
    }

    [Test]
    public void A_value_is_bounded_itself_when_there_is_nothing_to_divide_by()
    {
        var found = Check(new TargetSpec("P", "", "bulk", "opsPerSecond", AtLeast: 1_000_000), Cell("bulk", "muxado", ops: 2_000_000));
        Assert.That(found.Met);
        Assert.That(found.Ratio, Is.Null);
        Assert.That(found.Wanted, Is.EqualTo(">= 1,000,000"));
    }

    [Test]
    public void Two_workloads_or_two_metrics_of_one_arm_are_compared_with_each_other()
    {
        Assert.That(
            Check(new TargetSpec("P", "", "bulk", "opsPerSecond", RivalWorkload: "ping-pong", AtLeast: 3), Cell("bulk", "muxado", ops: 30), Cell("ping-pong", "muxado", ops: 10)).Ratio,
            Is.EqualTo(3));
        Assert.That(
            Check(new TargetSpec("P", "", "bulk", "p99Us", RivalMetric: "p50Us", AtMost: 3), Cell("bulk", "muxado", p50Us: 10)).Ratio,
            Is.EqualTo(2));
    }

    [Test]
    public void What_is_missing_is_told_and_never_a_pass()
    {
        var target = new TargetSpec("P", "", "bulk", "opsPerSecond", Rival: "pump", AtLeast: 1);
        AssertNotMeasured(Check(target, Cell("bulk", "muxado")), "bulk over pump was not run");
        AssertNotMeasured(Check(target, Cell("bulk", "pump")), "bulk over muxado was not run");
        AssertNotMeasured(Check(target, Cell("bulk", "muxado"), Cell("bulk", "pump", errors: 1)), "bulk over pump had failures");
        AssertNotMeasured(Check(target, Cell("bulk", "muxado"), Cell("bulk", "pump", ops: 0)), "bulk over pump does not tell opsPerSecond");
        AssertNotMeasured(Check(target with { Metric = "jainFairness" }, Cell("bulk", "muxado"), Cell("bulk", "pump")), "bulk over muxado does not tell jainFairness");
        AssertNotMeasured(
            Check(target with { AtLeast = null, AtMost = 1, Metric = "p50Us" }, Cell("bulk", "muxado", p50Us: 0), Cell("bulk", "pump")), "bulk over muxado does not tell p50Us");
        AssertNotMeasured(Check(target with { Workload = "unheard-of-*" }), "there is no workload unheard-of-*");
    }

    [Test]
    public void No_operations_at_all_is_a_miss() => Assert.That(
        Check(new TargetSpec("P", "", "bulk", "opsPerSecond", Rival: "pump", AtLeast: 1), Cell("bulk", "muxado", ops: 0), Cell("bulk", "pump")).Verdict,
        Is.EqualTo(TargetVerdict.Missed));

    [Test]
    public void Of_several_workloads_the_worst_decides()
    {
        var target = new TargetSpec("P", "", "matrix-*", "opsPerSecond", Rival: "pump", AtLeast: 1);
        var found = Check(
            target, Cell("matrix-a", "muxado", ops: 12), Cell("matrix-a", "pump", ops: 10), Cell("matrix-b", "muxado", ops: 11), Cell("matrix-b", "pump", ops: 10));
        Assert.That((found.Verdict, found.Workload, found.Ratio), Is.EqualTo((TargetVerdict.Met, "matrix-b", 1.1)));

        found = Check(target, Cell("matrix-a", "muxado", ops: 12), Cell("matrix-a", "pump", ops: 10));
        AssertNotMeasured(found, "1 of 2 are missing: matrix-b over muxado was not run");

        found = Check(target, Cell("matrix-a", "muxado", ops: 5), Cell("matrix-a", "pump", ops: 10));
        Assert.That((found.Verdict, found.Workload), Is.EqualTo((TargetVerdict.Missed, "matrix-a")), "one is enough to miss");
    }

    [Test]
    public void An_aim_is_judged_and_fails_no_check()
    {
        var found = Check(new TargetSpec("P", "", "bulk", "opsPerSecond", AtLeast: 1_000_000, Aim: true), Cell("bulk", "muxado", ops: 10));
        Assert.That(found.Verdict, Is.EqualTo(TargetVerdict.Missed));
        Assert.That(found.FailsCheck, Is.False);
    }

    private static void AssertNotMeasured(Target found, string why)
    {
        Assert.That(found.Verdict, Is.EqualTo(TargetVerdict.NotMeasured));
        Assert.That(found.WhyNotMeasured, Is.EqualTo(why));
        Assert.That(found.Met || found.FailsCheck, Is.False);
    }

    private static Target Check(TargetSpec target, params Cell[] cells) => Target.Check([target], cells, s_workloads).Single();

    private static Cell Cell(string workload, string arm, double ops = 1000, double p50Us = 10, long errors = 0) =>
        Samples.Cell(workload, arm, Samples.Measurement(ops, p50Us, 2 * p50Us, errors));
}
