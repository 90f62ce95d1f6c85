using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Compare;

/// <summary>Runs every cell of a schedule in alternation (A B C, A B C, ...) and collects the samples.</summary>
/// <remarks>
/// Owner: the compare command.
/// Threading: one step at a time; nothing else runs while a slice is measured.
/// Invariants: in a round every cell is measured once, unless its arm fails: then that is an error, and the arm sits the rest of
/// the section's processes out. The other arms go on.
/// </remarks>
internal sealed class Comparison(ComparisonSchedule schedule)
{
    private readonly Dictionary<(string Workload, string Arm), List<Measurement>> _samples = [];
    private readonly List<string> _errors = [];
    private int _slicesDone;

    /// <summary>Raised before each step with what it is and what share of the whole is done.</summary>
    public event Action<string, double>? Advancing;

    /// <summary>What was measured of a cell; empty when its arm failed each time.</summary>
    public IReadOnlyList<Measurement> Samples(string workload, string arm) => _samples.GetValueOrDefault((workload, arm)) ?? [];

    public IReadOnlyList<string> Errors => _errors;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var section in schedule.Sections)
        {
            for (var round = 0; round < section.Rounds;)
            {
                await using var group = new ArmGroup(_errors);
                await group.StartAsync(section.Round(round).Select(cell => cell.Arm).Distinct(), cancellationToken);
                await WarmUpAsync(group, section.Round(round), cancellationToken);
                do
                    await MeasureAsync(group, section, round++, cancellationToken);
                while (round < section.Rounds && !schedule.FreshProcessesEachRound);
            }
        }
    }

    private async Task WarmUpAsync(ArmGroup group, IEnumerable<PlannedCell> cells, CancellationToken cancellationToken)
    {
        var warm = new HashSet<string>();
        foreach (var cell in cells)
        {
            var time = schedule.WarmUp(cell.Workload, warm.Add(cell.Arm));
            if (time == TimeSpan.Zero)
                continue;
            Advance($"warming up: {cell.Arm}, {cell.Workload.Title}");
            await group.MeasureAsync(cell, time, "warming up", cancellationToken);
        }
    }

    private async Task MeasureAsync(ArmGroup group, ScheduleSection section, int round, CancellationToken cancellationToken)
    {
        var step = $"round {round + 1} of {section.Rounds}";
        foreach (var cell in section.Round(round))
        {
            Advance($"{step}: {cell.Arm}, {cell.Workload.Title}");
            var slice = schedule.Slice(schedule.SlicesInAll - _slicesDone++);
            if (await group.MeasureAsync(cell, slice, step, cancellationToken) is { } sample)
            {
                var key = (cell.Workload.Name, cell.Arm);
                if (!_samples.TryGetValue(key, out var samples))
                    _samples[key] = samples = [];
                samples.Add(sample);
            }
        }
    }

    private void Advance(string step) => Advancing?.Invoke(step, (double)_slicesDone / schedule.SlicesInAll);
}
