namespace Muxado.Fast.Bench.Compare;

/// <summary>A cell of the comparison and in how many rounds it is measured.</summary>
internal sealed record PlannedCell(Workload Workload, string Arm, int Rounds);
