namespace Muxado.Fast.Bench.Compare;

/// <summary>Everything a comparison found, as it is written to a file.</summary>
internal sealed record Figures(
    bool Quick, int Rounds, double ElapsedSeconds, Machine Machine, IReadOnlyList<Cell> Cells, IReadOnlyList<Target> Targets, IReadOnlyList<string> Errors)
{
    public static Figures Collect(Comparison comparison, ComparisonSchedule schedule)
    {
        Cell[] cells = [.. Comparison.Cells().Select(cell => Cell.Create(cell.Workload, cell.Arm, comparison.Samples(cell.Workload, cell.Arm)))];
        return new Figures(
            schedule.Quick, schedule.Rounds, schedule.Elapsed.TotalSeconds, Machine.Describe(), cells, Target.Check(cells), comparison.Errors);
    }
}
