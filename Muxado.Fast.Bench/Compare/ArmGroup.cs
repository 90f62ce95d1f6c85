using Muxado.Fast.Bench.Cli;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Compare;

/// <summary>The processes of several arms, alive together. One that fails is noted as an error and left out from then on.</summary>
/// <param name="errors">Where failures are noted.</param>
internal sealed class ArmGroup(ICollection<string> errors) : IAsyncDisposable
{
    private readonly Dictionary<string, ArmPair> _pairs = [];

    public async Task StartAsync(IEnumerable<string> arms, CancellationToken cancellationToken)
    {
        foreach (var arm in arms)
        {
            try
            {
                _pairs[arm] = await ArmPair.StartAsync(arm, cancellationToken);
            }
            catch (CommandFailedException failure)
            {
                errors.Add(failure.Message);
            }
        }
    }

    /// <returns>Null when the arm has failed, now or before.</returns>
    public async Task<Measurement?> MeasureAsync(PlannedCell cell, TimeSpan duration, string step, CancellationToken cancellationToken)
    {
        if (!_pairs.TryGetValue(cell.Arm, out var pair))
            return null;
        var what = $"{cell.Arm}, {cell.Workload.Name}, {step}";
        try
        {
            var sample = await pair.MeasureAsync(cell.Workload, duration, cancellationToken);
            if (sample.Errors > 0)
                errors.Add($"{what}: {sample.Errors} failed, the first: {sample.FirstError}");
            return sample;
        }
        catch (CommandFailedException failure)
        {
            errors.Add($"{what}: {failure.Message}");
            _pairs.Remove(cell.Arm);
            await pair.DisposeAsync();
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pair in _pairs.Values)
            await pair.DisposeAsync();
    }
}
