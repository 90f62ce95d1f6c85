using Muxado.Fast.Bench.Rivals;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Compare;

/// <summary>Runs every workload over every arm in alternation (A B C, A B C, ...) and collects the samples.</summary>
/// <remarks>
/// Owner: the compare command.
/// Threading: one step at a time; nothing else runs while a slice is measured.
/// Invariants: in a round every cell is measured once.
/// </remarks>
internal sealed class Comparison(ComparisonSchedule schedule)
{
    private readonly Dictionary<(string Workload, string Arm), List<Measurement>> _samples = Cells().ToDictionary(cell => cell, _ => new List<Measurement>());
    private readonly List<string> _warmUpErrors = [];

    /// <summary>Raised after each step with what was done and what share of the whole is done.</summary>
    public event Action<string, double>? Advanced;

    public static IEnumerable<(string Workload, string Arm)> Cells() =>
        from workload in Workload.All from arm in Arm.Names where workload.AppliesTo(arm) select (workload.Name, arm);

    public IReadOnlyList<Measurement> Samples(string workload, string arm) => _samples[(workload, arm)];

    public IReadOnlyList<string> Errors =>
    [
        .. _warmUpErrors,
        .. from cell in _samples from sample in cell.Value where sample.Errors > 0 select Describe(cell.Key.Workload, cell.Key.Arm, sample),
    ];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var round = 0; round < schedule.Rounds;)
        {
            var pairs = new List<ArmPair>();
            try
            {
                foreach (var arm in Arm.Names)
                    pairs.Add(await ArmPair.StartAsync(arm, cancellationToken));
                await WarmUpAsync(pairs, cancellationToken);
                do
                    await MeasureRoundAsync(pairs, round++, cancellationToken);
                while (round < schedule.Rounds && !schedule.FreshProcessesEachRound);
            }
            finally
            {
                foreach (var pair in pairs)
                    await pair.DisposeAsync();
            }
        }
    }

    private async Task WarmUpAsync(List<ArmPair> pairs, CancellationToken cancellationToken)
    {
        foreach (var (workload, pair) in Slices(pairs))
        {
            Advanced?.Invoke($"warming up: {pair.Arm}, {workload.Title}", Done);
            var sample = await pair.MeasureAsync(workload, schedule.WarmUp, cancellationToken);
            if (sample.Errors > 0)
                _warmUpErrors.Add(Describe(workload.Name, pair.Arm, sample) + " (while warming up)");
        }
    }

    private async Task MeasureRoundAsync(List<ArmPair> pairs, int round, CancellationToken cancellationToken)
    {
        foreach (var (workload, pair) in Slices(pairs))
        {
            Advanced?.Invoke($"round {round + 1} of {schedule.Rounds}: {pair.Arm}, {workload.Title}", Done);
            var slice = schedule.Slice(SlicesInAll - SlicesDone);
            _samples[(workload.Name, pair.Arm)].Add(await pair.MeasureAsync(workload, slice, cancellationToken));
        }
    }

    private int SlicesInAll => _samples.Count * schedule.Rounds;

    private int SlicesDone => _samples.Values.Sum(samples => samples.Count);

    private double Done => (double)SlicesDone / SlicesInAll;

    private static IEnumerable<(Workload Workload, ArmPair Pair)> Slices(List<ArmPair> pairs) =>
        from workload in Workload.All from pair in pairs where workload.AppliesTo(pair.Arm) select (workload, pair);

    private static string Describe(string workload, string arm, Measurement sample) =>
        $"{arm}, {workload}: {sample.Errors} failed, the first: {sample.FirstError}";
}
