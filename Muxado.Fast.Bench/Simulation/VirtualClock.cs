using System.Diagnostics;

namespace Muxado.Fast.Bench.Simulation;

/// <summary>
/// Virtual time, and everything that is going to happen in it. It jumps from one event to the next, so an hour of waiting costs
/// nothing, and it runs one event at a time, so a run depends on nothing but its seed.
/// </summary>
/// <remarks>Owner: one simulation. Threading: its thread. Invariants: events run in the order of their times, and those of one time as they were added.</remarks>
internal sealed class VirtualClock : TimeProvider
{
    private static readonly DateTimeOffset s_start = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<Action, (long Due, long Order)> _events = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private long _now;
    private long _order;
    private TimeSpan _wallClockSkew;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public TimeSpan Elapsed => new(_now);

    /// <summary>Whether anyone but the simulation's thread has asked for anything: then the run is no longer the seed's alone.</summary>
    public bool WasUsedByAnotherThread { get; private set; }

    public override long GetTimestamp() => _now;

    public override DateTimeOffset GetUtcNow() => s_start + Elapsed + _wallClockSkew;

    /// <summary>Sets the wall clock forward or back, which nothing may notice.</summary>
    public void SkewWallClock(TimeSpan by) => _wallClockSkew += by;

    public void After(TimeSpan delay, Action happens)
    {
        WasUsedByAnotherThread |= Environment.CurrentManagedThreadId != _thread;
        _events.Enqueue(happens, (_now + Math.Max(0, delay.Ticks), _order++));
    }

    /// <summary>What an application awaits to let time pass; it goes on inside the event.</summary>
    public Task Delay(TimeSpan delay)
    {
        var passed = new TaskCompletionSource();
        After(delay, passed.SetResult);
        return passed.Task;
    }

    /// <summary>Runs the next event. False: nothing will ever happen again.</summary>
    public bool RunNext()
    {
        if (!_events.TryDequeue(out Action? happens, out (long Due, long Order) at))
            return false;
        Debug.Assert(at.Due >= _now, "time ran backwards");
        _now = at.Due;
        happens();
        return true;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Debug.Assert(period == Timeout.InfiniteTimeSpan, "the engine re-arms its timers itself");
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class VirtualTimer(VirtualClock clock, TimerCallback callback, object? state) : ITimer
    {
        // An event cannot be taken back: one whose turn has been overtaken by a later change does nothing.
        private int _turn;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            int turn = ++_turn;
            if (dueTime != Timeout.InfiniteTimeSpan)
                clock.After(dueTime, () => RunIfCurrent(turn));
            return true;
        }

        public void Dispose() => _turn++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        private void RunIfCurrent(int turn)
        {
            if (turn == _turn)
                callback(state);
        }
    }
}
