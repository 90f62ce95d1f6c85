namespace Muxado.Fast.Bench.Compare;

/// <summary>Cells that are measured in the same processes, round by round.</summary>
/// <param name="Cells">In the order in which they are measured: the arms of one workload after another.</param>
internal sealed record ScheduleSection(IReadOnlyList<PlannedCell> Cells)
{
    public int Rounds => Cells.Max(cell => cell.Rounds);

    /// <summary>What is measured in a round, counted from 0.</summary>
    public IEnumerable<PlannedCell> Round(int round) => Cells.Where(cell => round < cell.Rounds);
}
