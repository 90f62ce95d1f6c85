using System.Diagnostics;

namespace Muxado.Fast.Bench.Compare;

/// <summary>How a comparison spends its time.</summary>
/// <remarks>
/// The quick one must end within a minute: its processes live through all rounds, and each slice is what remains of the time
/// divided by what remains to do. The full one starts fresh processes for each round, so that luck in code layout or in what the
/// JIT saw first is averaged too.
/// </remarks>
internal sealed class ComparisonSchedule
{
    private static readonly TimeSpan s_quickBudget = TimeSpan.FromSeconds(53);

    // Connections, verification of the last operation, the orchestration itself.
    private static readonly TimeSpan s_overheadPerSlice = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan s_shortestSlice = TimeSpan.FromMilliseconds(150);

    private readonly long _start = Stopwatch.GetTimestamp();

    private ComparisonSchedule(bool quick) => Quick = quick;

    public static ComparisonSchedule Create(bool quick) => new(quick);

    public bool Quick { get; }

    public int Rounds => Quick ? 5 : 7;

    public bool FreshProcessesEachRound => !Quick;

    /// <summary>Per arm and workload. Tier-1 code needs 30 calls, a pause of 100 ms and, with PGO, a second round of the same.</summary>
    public TimeSpan WarmUp => TimeSpan.FromSeconds(Quick ? 1 : 1.5);

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    public TimeSpan Slice(int slicesLeft)
    {
        if (!Quick)
            return TimeSpan.FromSeconds(2);
        var share = ((s_quickBudget - Elapsed) / slicesLeft) - s_overheadPerSlice;
        return share > s_shortestSlice ? share : s_shortestSlice;
    }
}
