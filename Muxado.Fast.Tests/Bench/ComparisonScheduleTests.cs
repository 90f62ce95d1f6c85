using Muxado.Fast.Bench.Compare;
using Muxado.Fast.Bench.Rivals;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Bench;

/// <summary>How a comparison's time is planned.</summary>
public sealed class ComparisonScheduleTests
{
    [Test]
    public void Everything_over_every_arm_there_may_be_fits_into_45_minutes()
    {
        var schedule = new ComparisonSchedule(quick: false, Everything());
        Assert.That(schedule.Estimate, Is.LessThanOrEqualTo(TimeSpan.FromMinutes(45)));
    }

    [Test]
    public void Arms_that_are_close_get_five_rounds_and_the_others_three()
    {
        foreach (var cell in new ComparisonSchedule(quick: false, Everything()).Sections.SelectMany(section => section.Cells).Where(cell => cell.Workload.MostRounds is null))
            Assert.That(cell.Rounds, Is.EqualTo(cell.Arm is "nerdbank" or "http2" or "yamux" or "smux" or "tcp-per-operation" or "tls-per-operation" ? 3 : 5), $"{cell}");
    }

    [Test]
    public void A_family_shares_processes_and_the_longer_warm_up_comes_first()
    {
        var schedule = new ComparisonSchedule(quick: false, Everything());
        Assert.That(schedule.Sections.Select(section => section.Cells.Select(cell => cell.Workload.Family).Distinct().Single()), Is.Unique);
        var bulk = Workload.Get(Workload.BulkOneWay);
        Assert.That(schedule.WarmUp(bulk, firstOfProcess: true), Is.EqualTo(TimeSpan.FromSeconds(4)));
        Assert.That(schedule.WarmUp(bulk, firstOfProcess: false), Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(1)));
        Assert.That(schedule.Slice(1), Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(2)));
    }

    [Test]
    public void A_round_measures_only_the_cells_that_have_so_many_rounds()
    {
        var bulk = Workload.Get(Workload.BulkOneWay);
        var section = new ScheduleSection([new PlannedCell(bulk, "muxado", 2), new PlannedCell(bulk, "smux", 1)]);
        Assert.That(section.Rounds, Is.EqualTo(2));
        Assert.That(section.Round(0).Select(cell => cell.Arm), Is.EqualTo(new[] { "muxado", "smux" }));
        Assert.That(section.Round(1).Select(cell => cell.Arm), Is.EqualTo(new[] { "muxado" }));
    }

    [Test]
    public void A_quick_one_stays_within_its_minute_however_much_there_is_to_do()
    {
        var cells = CellSelection.Quick().Cells;
        var schedule = new ComparisonSchedule(quick: true, cells);
        Assert.That(schedule.FreshProcessesEachRound, Is.False);
        Assert.That(schedule.Estimate, Is.LessThanOrEqualTo(TimeSpan.FromSeconds(55)));
        var warmUp = cells.Aggregate(TimeSpan.Zero, (sum, cell) => sum + schedule.WarmUp(cell.Workload, firstOfProcess: true));
        Assert.That(warmUp + (schedule.Slice(schedule.SlicesInAll) * schedule.SlicesInAll), Is.LessThanOrEqualTo(TimeSpan.FromSeconds(70)), "later slices give back what the warm-up took");
        Assert.That(schedule.Slice(1), Is.LessThanOrEqualTo(TimeSpan.FromSeconds(1)), "a small part does not take the whole minute");
    }

    private static (Workload Workload, string Arm)[] Everything() =>
        [.. from workload in Workload.All from arm in ArmCatalog.Names where workload.AppliesTo(arm) select (workload, arm)];
}
