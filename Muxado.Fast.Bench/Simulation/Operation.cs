namespace Muxado.Fast.Bench.Simulation;

/// <summary>An operation that an application has begun and that has to end, once.</summary>
internal sealed class Operation(SimulationRun run, Side side, string what, long id)
{
    /// <summary>How long an operation may take to report an end that is due: the timer's millisecond, and a late thread pool.</summary>
    private static readonly TimeSpan s_promptly = TimeSpan.FromMilliseconds(20);

    private bool _hasEnded;

    public string Description => $"{side}: {what} on {id}";

    /// <summary>From now on nothing may keep it waiting.</summary>
    public void MustEndNow(string because) =>
        run.Clock.After(s_promptly, () => run.Require(_hasEnded, side, $"{what} goes on, {because}", id));

    /// <summary>The same from a later time on, if the reason still holds then.</summary>
    public void MustEndAfter(TimeSpan delay, string because, Func<bool> holds) => run.Clock.After(delay + s_promptly, () =>
        run.Require(_hasEnded || !holds(), side, $"{what} goes on, {because}", id));

    public void End(long result) => End(what, result);

    public void End(Exception failure) =>
        End(failure is MuxadoException of ? $"{what} failed {of.Error}" : $"{what} failed {failure.GetType().Name}", 0);

    private void End(string how, long result)
    {
        run.Require(!_hasEnded, side, $"{what} ended twice", id);
        _hasEnded = true;
        run.OnEnded(this);
        run.Trace.Add(side, $"= {how}", id, result);
    }
}
