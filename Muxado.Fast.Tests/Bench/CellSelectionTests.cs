using Muxado.Fast.Bench.Compare;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Bench;

/// <summary>Which cells the names after <c>--only</c> select.</summary>
public sealed class CellSelectionTests
{
    [Test]
    public void A_target_selects_the_cells_of_its_ratios() => Assert.That(
        Select("P10"),
        Is.EquivalentTo(new[] { ("ping-pong", "muxado"), ("ping-pong", "network-stream"), ("bulk", "muxado"), ("bulk", "network-stream") }));

    [Test]
    public void Workloads_add_up_and_arms_restrict() => Assert.That(
        Select("bulk", "churn-1", "p10", "muxado"),
        Is.EquivalentTo(new[] { ("churn-1", "muxado"), ("ping-pong", "muxado"), ("bulk", "muxado") }));

    [Test]
    public void A_workload_of_another_size_is_selected_by_its_name() => Assert.That(
        Select("matrix-3KiB-x2", "bulk", "muxado"), Is.EquivalentTo(new[] { ("matrix-3KiB-x2", "muxado"), ("bulk", "muxado") }));

    [Test]
    public void Arms_alone_are_measured_on_all_that_they_carry()
    {
        var selected = Select("tcp-per-operation");
        Assert.That(selected.Select(cell => cell.Arm), Is.All.EqualTo("tcp-per-operation"));
        Assert.That(selected.Select(cell => cell.Workload), Does.Contain("churn-256").And.Contain("bulk-64").And.Not.Contain("ping-pong"));
    }

    [Test]
    public void A_star_stands_for_the_rest_of_a_name() => Assert.That(
        Select("churn-6*", "network-*"), Does.Contain(("churn-64", "network-stream")).And.All.Matches<(string Workload, string Arm)>(
            cell => cell.Workload.StartsWith("churn-6", StringComparison.Ordinal) && cell.Arm == "network-stream"));

    [TestCase("P4")]
    [TestCase("p14")]
    [TestCase("bulk-64")]
    [TestCase("smux")]
    [TestCase("churn-*")]
    [TestCase("matrix-3KiB-x2")]
    public void A_known_name_needs_no_explanation(string word) => Assert.That(CellSelection.Explain(word), Is.Null);

    [TestCase("P8", "allocation tests")]
    [TestCase("P99", "P1 P2")]
    [TestCase("nonsense", "ping-pong")]
    [TestCase("nonsense-*", "network-stream")]
    public void Another_is_explained(string word, string explanation) => Assert.That(CellSelection.Explain(word), Does.Contain(explanation));

    [Test]
    public void The_quick_selection_is_ours_and_plain_tcp()
    {
        var cells = CellSelection.Quick().Cells;
        Assert.That(cells.Select(cell => cell.Workload.Name).Distinct(), Is.EqualTo(new[] { "churn-1", "churn-1-apart", "churn-64", "ping-pong", "bulk" }));
        Assert.That(cells.Select(cell => cell.Arm).Distinct(), Is.EquivalentTo(new[] { "muxado", "tcp-per-operation", "network-stream" }));
    }

    private static (string Workload, string Arm)[] Select(params string[] words) =>
        [.. CellSelection.Only(words).Cells.Select(cell => (cell.Workload.Name, cell.Arm))];
}
