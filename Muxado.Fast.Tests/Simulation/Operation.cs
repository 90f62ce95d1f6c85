namespace Muxado.Fast.Tests.Simulation;

/// <summary>An operation that an application has begun and that has to end, once.</summary>
internal sealed class Operation(Simulation simulation, Side side, string what, long id)
{
    private bool _hasEnded;

    public string Description => $"{side}: {what} on {id}";

    public void End(long result) => End(what, result);

    public void End(Exception failure) =>
        End(failure is MuxadoException of ? $"{what} failed {of.Error}" : $"{what} failed {failure.GetType().Name}", 0);

    private void End(string how, long result)
    {
        simulation.Require(!_hasEnded, side, $"{what} ended twice", id);
        _hasEnded = true;
        simulation.OnEnded(this);
        simulation.Trace.Add(side, $"= {how}", id, result);
    }
}
