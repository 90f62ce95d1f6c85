namespace Muxado.Fast.Tests.Simulation;

/// <summary>The deadline of one direction, and whether an operation had the right to fail by it.</summary>
internal struct SimulatedDeadline()
{
    private long _due = long.MaxValue;
    private bool _hasPassed;

    public void BeginOperation() => _hasPassed = false;

    public void Move(long now, TimeSpan? fromNow)
    {
        // An operation that it has ended may report so a little later.
        _hasPassed |= now >= _due;
        _due = fromNow is { } delay ? now + Math.Max(0, delay.Ticks) : long.MaxValue;
    }

    public readonly bool HasPassed(long now) => _hasPassed || now >= _due;
}
