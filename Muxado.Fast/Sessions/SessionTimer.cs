namespace Muxado.Fast.Sessions;

/// <summary>What a session waits for.</summary>
internal enum SessionAlarm
{
    /// <summary>The receive drain may be held up by user code: someone else finishes it.</summary>
    Rescue,

    /// <summary>A SYN that no write followed, or a little credit, has waited long enough.</summary>
    Linger,

    Heartbeat,
    Deadlines,
    WriteStall,
    PartialFrame,
    Close,
}

/// <summary>One timer for everything a session waits for. It is armed for the earliest alarm only, and not at all while there is none.</summary>
/// <remarks>
/// Owner: the session engine.
/// Threading: its lock is a leaf; alarms are raised on a timer thread with no lock held.
/// Invariants: while any alarm is set the timer fires no later than the earliest. Setting an alarm later than it was, or taking
/// it off, does not touch the timer: it fires, finds nothing due, and arms itself for what is left.
/// </remarks>
internal sealed class SessionTimer : IDisposable
{
    private const int Alarms = (int)SessionAlarm.Close + 1;

    private readonly Lock _gate = new();
    private readonly SessionEngine _session;
    private readonly TimeProvider _clock;
    private readonly long[] _due = new long[Alarms];
    private ITimer? _timer;
    private long _armed = long.MaxValue;
    private bool _isDisposed;

    public SessionTimer(SessionEngine session, TimeProvider clock)
    {
        _session = session;
        _clock = clock;
        Array.Fill(_due, long.MaxValue);
    }

    public long Now => _clock.GetTimestamp();

    public long TicksPerSecond => _clock.TimestampFrequency;

    public TimeSpan ToTimeSpan(long ticks) => TimeSpan.FromSeconds((double)ticks / TicksPerSecond);

    /// <summary>A time from now in the clock's ticks; <see cref="long.MaxValue"/> for an infinite one.</summary>
    public long After(TimeSpan delay)
    {
        if (delay == Timeout.InfiniteTimeSpan)
            return long.MaxValue;
        long now = Now;
        (long seconds, long rest) = Math.DivRem(delay.Ticks, TimeSpan.TicksPerSecond);
        if (seconds >= ((long.MaxValue - now) / TicksPerSecond) - 1)
            return long.MaxValue;

        // In whole numbers: a fraction of a tick lost would end a wait before its time.
        return now + (seconds * TicksPerSecond) + (rest * TicksPerSecond / TimeSpan.TicksPerSecond);
    }

    /// <summary>A wall-clock time, as far from now as it is at this moment.</summary>
    public long After(DateTimeOffset wallClock)
    {
        TimeSpan delay = wallClock - _clock.GetUtcNow();
        return After(delay > TimeSpan.Zero ? delay : TimeSpan.Zero);
    }

    public bool IsSet(SessionAlarm alarm) => Volatile.Read(ref _due[(int)alarm]) != long.MaxValue;

    public void Set(SessionAlarm alarm, TimeSpan delay) => Set(alarm, After(delay));

    public void Set(SessionAlarm alarm, long due)
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _due[(int)alarm] = due;
            ArmLocked();
        }
    }

    /// <summary>Sets an alarm, or moves it forward; never back.</summary>
    public void SetEarlier(SessionAlarm alarm, TimeSpan delay) =>
        Set(alarm, Math.Min(After(delay), Volatile.Read(ref _due[(int)alarm])));

    /// <summary>Sets an alarm if it is not set. Cheap when it is, which is the rule on busy paths.</summary>
    public void SetIfUnset(SessionAlarm alarm, TimeSpan delay)
    {
        if (!IsSet(alarm))
            Set(alarm, delay);
    }

    public void Clear(SessionAlarm alarm) => Volatile.Write(ref _due[(int)alarm], long.MaxValue);

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Array.Fill(_due, long.MaxValue);
            _timer?.Dispose();
        }
    }

    private void ArmLocked()
    {
        long earliest = _due.Min();
        if (earliest >= _armed)
            return;
        _armed = earliest;
        double seconds = Math.Max(0, earliest - Now) / (double)TicksPerSecond;

        // Rounded up: a timer that fires early would only be armed again, and one that fires at once might do so in this call.
        var delay = TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(seconds * 1000), 1, int.MaxValue));
        if (_timer is null)
            _timer = CreateTimer(delay);
        else
            _timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    private ITimer CreateTimer(TimeSpan delay)
    {
        // The timer outlives the call that happens to create it, and must not keep that call's ambient context.
        using AsyncFlowControl flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        return _clock.CreateTimer(static state => ((SessionTimer)state!).OnTimer(), this, delay, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        Span<bool> isDue = stackalloc bool[Alarms];
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _armed = long.MaxValue;
            long now = Now;
            for (int i = 0; i < Alarms; i++)
            {
                isDue[i] = _due[i] <= now;
                if (isDue[i])
                    _due[i] = long.MaxValue;
            }

            ArmLocked();
        }

        for (int i = 0; i < Alarms; i++)
        {
            if (isDue[i])
                _session.OnAlarm((SessionAlarm)i);
        }
    }
}
