using Muxado.Fast.Bench.Compare;
using Muxado.Fast.Bench.Rivals;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Bench;

/// <summary>The file of budgets and targets is complete and means what it says.</summary>
public sealed class BudgetsTests
{
    private static IEnumerable<TestCaseData> Targets() =>
        Budgets.Current.Targets.Select((target, i) => new TestCaseData(target).SetArgDisplayNames($"{i} {target.Id}"));

    [TestCaseSource(nameof(Targets))]
    public void A_target_has_one_bound_and_arms_that_there_are(object of)
    {
        var target = (TargetSpec)of;
        Assert.That(target.AtLeast is null, Is.Not.EqualTo(target.AtMost is null), "one bound, not two, not none");
        Assert.That(target.Tolerance, Is.InRange(0, 0.3));
        Assert.That(ArmCatalog.Names, Does.Contain(target.Arm));
        if (target.Rival is not null)
            Assert.That(ArmCatalog.Names, Does.Contain(target.Rival).And.Not.Null);
    }

    [Test]
    public void Every_target_of_the_project_is_there()
    {
        var ids = Budgets.Current.Targets.Select(target => target.Id).Append(Budgets.Current.AllocatedBytes.Id).Distinct();
        Assert.That(ids, Is.EquivalentTo(Enumerable.Range(1, 14).Select(number => $"P{number}")));
    }
}
