using System.Reflection;

namespace Muxado.Fast.Bench.Compare;

/// <summary>Everything a comparison found, as it is written to a file.</summary>
internal sealed record Figures(
    bool Quick, int Rounds, double ElapsedSeconds, Machine Machine, IReadOnlyList<Cell> Cells, IReadOnlyList<Target> Targets, IReadOnlyList<string> Errors)
{
    /// <summary>The arguments that it was started with.</summary>
    public required string Command { get; init; }

    /// <summary>What the program was built from: version, and the commit after a <c>+</c>.</summary>
    public required string Commit { get; init; }

    /// <summary>Whether its sources were those of the commit: clean, dirty or unknown.</summary>
    public string WorkingTree { get; init; } = "unknown";

    public required DateTimeOffset Date { get; init; }

    /// <summary>Arms and counts that this machine cannot have, with the reasons.</summary>
    public required IReadOnlyList<string> Skipped { get; init; }

    /// <summary>System calls per operation, counted in runs of their own.</summary>
    public required IReadOnlyList<SystemCalls> SystemCalls { get; init; }

    /// <summary>What this program was built from, as the build wrote it into it.</summary>
    public static string OwnCommit =>
        typeof(Figures).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>The cells that have samples: an arm that failed each time has none.</summary>
    public static IReadOnlyList<Cell> CollectCells(IEnumerable<(Workload Workload, string Arm)> cells, Comparison comparison) =>
    [
        .. from cell in cells
        let samples = comparison.Samples(cell.Workload.Name, cell.Arm)
        where samples.Count > 0
        select Cell.Create(cell.Workload, cell.Arm, samples),
    ];
}
