namespace Muxado.Fast.Tests.Support;

/// <summary>A clock that stands still until a test moves it.</summary>
/// <remarks>
/// Owner: one test. Threading: any thread may read the clock and arm timers; one thread at a time advances, and the timers that
/// come due run on it, in the order of their due times, with no lock held.
/// </remarks>
public sealed class ManualTimeProvider : TimeProvider
{
    private static readonly DateTimeOffset s_start = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock _gate = new();
    private readonly HashSet<ManualTimer> _armed = [];
    private TimeSpan _elapsed;
    private TimeSpan _wallClockSkew;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>How long until the next timer is due, or null when none is armed.</summary>
    public TimeSpan? UntilNextTimer
    {
        get
        {
            lock (_gate)
                return _armed.MinBy(timer => timer.Due) is { } next ? next.Due - _elapsed : null;
        }
    }

    public override long GetTimestamp()
    {
        lock (_gate)
            return _elapsed.Ticks;
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return s_start + _elapsed + _wallClockSkew;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock on, stopping at each due timer to run it.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        TimeSpan end;
        lock (_gate)
            end = _elapsed + by;
        while (NextDue(end) is { } timer)
            timer.Callback(timer.State);
    }

    /// <summary>Moves the clock on in one leap, as for a process that was stopped meanwhile: what came due runs late, and once.</summary>
    public void Leap(TimeSpan by)
    {
        lock (_gate)
            _elapsed += by;
        Advance(TimeSpan.Zero);
    }

    /// <summary>Sets the wall clock forward or back; no timestamp and no timer may notice.</summary>
    public void SkewWallClock(TimeSpan by)
    {
        lock (_gate)
            _wallClockSkew += by;
    }

    private ManualTimer? NextDue(TimeSpan end)
    {
        lock (_gate)
        {
            var next = _armed.MinBy(timer => timer.Due);
            if (next is null || next.Due > end)
            {
                _elapsed = end;
                return null;
            }
            // A timer that was armed with no delay is due now, not in the past.
            _elapsed = next.Due > _elapsed ? next.Due : _elapsed;
            if (next.Period > TimeSpan.Zero)
                next.Due = _elapsed + next.Period;
            else
                _armed.Remove(next);
            return next;
        }
    }

    private bool Arm(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            _armed.Remove(timer);
            if (timer.IsDisposed)
                return false;
            timer.Period = period;
            if (dueTime == Timeout.InfiniteTimeSpan)
                return true;
            timer.Due = _elapsed + dueTime;
            _armed.Add(timer);
            return true;
        }
    }

    private void Disarm(ManualTimer timer)
    {
        lock (_gate)
        {
            timer.IsDisposed = true;
            _armed.Remove(timer);
        }
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        public TimerCallback Callback => callback;
        public object? State => state;
        public TimeSpan Due { get; set; }
        public TimeSpan Period { get; set; }
        public bool IsDisposed { get; set; }

        public bool Change(TimeSpan dueTime, TimeSpan period) => clock.Arm(this, dueTime, period);

        public void Dispose() => clock.Disarm(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
