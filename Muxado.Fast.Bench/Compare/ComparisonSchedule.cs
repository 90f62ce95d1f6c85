using System.Diagnostics;

namespace Muxado.Fast.Bench.Compare;

/// <summary>How a comparison spends its time.</summary>
/// <remarks>
/// The quick one must end within a minute: its processes live through all rounds, and each slice is what remains of the time
/// divided by what remains to do. The full one starts fresh processes for each round, so that luck in code layout or in what the
/// JIT saw first is averaged too; it must end within 45 minutes, so that arms which are far off get fewer rounds than those
/// which are close, and workloads that share code share processes and warm-up.
/// </remarks>
internal sealed class ComparisonSchedule
{
    private const int QuickRounds = 5;
    private const int CloseRounds = 5;
    private const int FarRounds = 3;

    // Ours, and the standing connections: where a few percent decide.
    private static readonly string[] s_closeArms = ["muxado", "muxado-tls", "network-stream", "ssl-stream", "pump", "pump-polling", "blocking"];

    private static readonly TimeSpan s_quickBudget = TimeSpan.FromSeconds(53);
    private static readonly TimeSpan s_shortestQuickSlice = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan s_longestQuickSlice = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_fullSlice = TimeSpan.FromSeconds(2);

    // Tier-1 code needs 30 calls, a pause of 100 ms and, with PGO, a second round of the same, of everything that is called.
    private static readonly TimeSpan s_longestQuickWarmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_firstWarmUp = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan s_furtherWarmUp = TimeSpan.FromSeconds(1.5);

    // Connections, verification of the last operation, the orchestration itself.
    private static readonly TimeSpan s_overheadPerSlice = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan s_startTime = TimeSpan.FromMilliseconds(700);

    private readonly long _start = Stopwatch.GetTimestamp();

    public ComparisonSchedule(bool quick, IReadOnlyList<(Workload Workload, string Arm)> cells)
    {
        Quick = quick;
        var planned = cells.Select(cell => new PlannedCell(cell.Workload, cell.Arm, quick ? QuickRounds : FullRounds(cell.Workload, cell.Arm)));
        Sections = quick
            ? [new ScheduleSection([.. planned])]
            : [.. planned.GroupBy(cell => cell.Workload.Family).Select(section => new ScheduleSection([.. section]))];
    }

    public bool Quick { get; }

    public IReadOnlyList<ScheduleSection> Sections { get; }

    public int Rounds => Sections.Max(section => section.Rounds);

    public int SlicesInAll => Sections.Sum(section => section.Cells.Sum(cell => cell.Rounds));

    public bool FreshProcessesEachRound => !Quick;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>How long it will take if nothing else runs.</summary>
    public TimeSpan Estimate => Quick ? EstimateQuick() : Sections.Aggregate(TimeSpan.Zero, (sum, section) => sum + EstimateSection(section));

    /// <summary>How long an arm runs a workload before it counts.</summary>
    /// <param name="workload">The workload.</param>
    /// <param name="firstOfProcess">Whether the arm's processes have run nothing of this section before.</param>
    public TimeSpan WarmUp(Workload workload, bool firstOfProcess)
    {
        if (!Quick)
            return firstOfProcess ? s_firstWarmUp : workload.FurtherWarmUp ?? s_furtherWarmUp;
        var share = s_quickBudget / 4 / Sections[0].Cells.Count;
        return share < s_longestQuickWarmUp ? share : s_longestQuickWarmUp;
    }

    /// <summary>How long the next slice is.</summary>
    /// <param name="slicesLeft">How many there are to do, with this one.</param>
    public TimeSpan Slice(int slicesLeft)
    {
        if (!Quick)
            return s_fullSlice;
        var share = ((s_quickBudget - Elapsed) / slicesLeft) - s_overheadPerSlice;
        return TimeSpan.FromTicks(Math.Clamp(share.Ticks, s_shortestQuickSlice.Ticks, s_longestQuickSlice.Ticks));
    }

    private static int FullRounds(Workload workload, string arm) =>
        Math.Min(s_closeArms.Contains(arm) ? CloseRounds : FarRounds, workload.MostRounds ?? int.MaxValue);

    private TimeSpan EstimateQuick()
    {
        var cells = Sections[0].Cells;
        var beforeSlices = cells.Aggregate(
            s_startTime * cells.Select(cell => cell.Arm).Distinct().Count(),
            (sum, cell) => sum + WarmUp(cell.Workload, firstOfProcess: false));
        var (shortest, longest) = (Estimate(s_shortestQuickSlice), Estimate(s_longestQuickSlice));
        return longest < s_quickBudget ? longest : shortest < s_quickBudget ? s_quickBudget : shortest;

        TimeSpan Estimate(TimeSpan slice) => beforeSlices + ((slice + s_overheadPerSlice) * SlicesInAll);
    }

    private TimeSpan EstimateSection(ScheduleSection section)
    {
        var sum = TimeSpan.Zero;
        for (var round = 0; round < section.Rounds; round++)
        {
            foreach (var arm in section.Round(round).GroupBy(cell => cell.Arm))
            {
                sum += s_startTime;
                foreach (var (index, cell) in arm.Index())
                    sum += Takes(cell, WarmUp(cell.Workload, index == 0)) + Takes(cell, s_fullSlice);
            }
        }

        return sum;
    }

    private static TimeSpan Takes(PlannedCell cell, TimeSpan time) =>
        time == TimeSpan.Zero ? TimeSpan.Zero : (cell.Workload.OwnTime ?? time) + s_overheadPerSlice;
}
