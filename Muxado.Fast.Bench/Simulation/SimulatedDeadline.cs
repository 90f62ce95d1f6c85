namespace Muxado.Fast.Bench.Simulation;

/// <summary>The deadline of one direction, and whether an operation had the right to fail by it.</summary>
internal struct SimulatedDeadline()
{
    private long _due = long.MaxValue;
    private bool _hasPassed;

    private int _moves;

    public readonly bool IsSet => _due != long.MaxValue;

    public void BeginOperation() => _hasPassed = false;

    public void Move(long now, TimeSpan? fromNow)
    {
        _moves++;

        // An operation that it has ended may report so a little later.
        _hasPassed |= now >= _due;
        _due = fromNow is { } delay ? now + Math.Max(0, delay.Ticks) : long.MaxValue;
    }

    public readonly TimeSpan Left(long now) => TimeSpan.FromTicks(Math.Max(0, _due - now));

    /// <summary>Whether it has not been moved since.</summary>
    public readonly bool IsSame(in SimulatedDeadline later) => later._moves == _moves;

    public readonly bool HasPassed(long now) => _hasPassed || now >= _due;
}
