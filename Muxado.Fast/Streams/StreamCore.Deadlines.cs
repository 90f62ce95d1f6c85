namespace Muxado.Fast.Streams;

/// <content>Deadlines, timeouts, and the probe of a writer whose peer may be gone.</content>
internal sealed partial class StreamCore
{
    /// <summary>The sticky deadline of one direction, as the application set it.</summary>
    public DateTimeOffset? GetDeadline(int generation, StreamAlarm alarm)
    {
        lock (_gate)
        {
            EnsureCurrentLocked(generation);
            return alarm == StreamAlarm.Read ? _extras?.ReadDeadline : _extras?.WriteDeadline;
        }
    }

    public void SetDeadline(int generation, StreamAlarm alarm, DateTimeOffset? deadline)
    {
        lock (_gate)
        {
            EnsureCurrentLocked(generation);
            StreamExtras extras = _extras ??= new StreamExtras();
            long due = deadline is { } at ? _host.ToDue(at) : long.MaxValue;
            if (alarm == StreamAlarm.Read)
            {
                extras.ReadDeadline = deadline;
                extras.ReadDue = due;
                if (_read is not null)
                    ArmLocked(alarm, due);
            }
            else
            {
                extras.WriteDeadline = deadline;
                extras.WriteDue = due;
                if (_write is not null)
                    ArmLocked(alarm, due);
            }
        }
    }

    public int GetTimeout(int generation, StreamAlarm alarm)
    {
        lock (_gate)
        {
            EnsureCurrentLocked(generation);
            return (alarm == StreamAlarm.Read ? _extras?.ReadTimeoutMilliseconds : _extras?.WriteTimeoutMilliseconds) ?? Timeout.Infinite;
        }
    }

    public void SetTimeout(int generation, StreamAlarm alarm, int milliseconds)
    {
        lock (_gate)
        {
            EnsureCurrentLocked(generation);
            StreamExtras extras = _extras ??= new StreamExtras();
            if (alarm == StreamAlarm.Read)
                extras.ReadTimeoutMilliseconds = milliseconds;
            else
                extras.WriteTimeoutMilliseconds = milliseconds;
        }
    }

    /// <summary>
    /// Whether the stream still waits for this wake-up: it is of this life of its, and no earlier one was arranged since. Also without the stream's lock, for a
    /// wake-up that has been arranged: "no" is final.
    /// </summary>
    public bool Awaits(int generation, StreamAlarm alarm, long due)
    {
        if (Volatile.Read(ref _generation) != generation)
            return false;
        if (alarm == StreamAlarm.Probe)
            return true;
        return _extras is { } extras && due == (alarm == StreamAlarm.Read ? Volatile.Read(ref extras.ArmedReadDue) : Volatile.Read(ref extras.ArmedWriteDue));
    }

    /// <summary>An alarm that was armed for this stream has come due, or early: what it was for may have been put off.</summary>
    public void OnAlarm(StreamHost host, int generation, StreamAlarm alarm, long alarmDue)
    {
        StreamEffects effects = default;
        lock (_gate)
        {
            if (_host != host || !Awaits(generation, alarm, alarmDue))
                return;
            switch (alarm)
            {
                case StreamAlarm.Read:
                    _extras!.ArmedReadDue = long.MaxValue;
                    if (_read is { IsQueued: false } read && IsDueLocked(alarm, Math.Min(read.TimeoutDue, DueLocked(alarm))))
                        CancelReadLocked(read, DeadlineFailure("read").ToException(), ref effects);
                    break;
                case StreamAlarm.Write:
                    _extras!.ArmedWriteDue = long.MaxValue;
                    if (_write is { } write && IsDueLocked(alarm, Math.Min(write.TimeoutDue, DueLocked(alarm))))
                        WithdrawLocked(write, DeadlineFailure("write").ToException(), ref effects);
                    break;
                default:
                    _state &= ~StreamState.ProbeArmed;
                    ProbeLocked(ref effects);
                    break;
            }
        }

        effects.Apply(host, this);
    }

    /// <summary>Whether a deadline has passed; if not, it is armed again.</summary>
    private bool IsDueLocked(StreamAlarm alarm, long due)
    {
        if (HasPassedLocked(due))
            return true;
        ArmLocked(alarm, due);
        return false;
    }

    private long DueLocked(StreamAlarm alarm) =>
        _extras is null ? long.MaxValue : alarm == StreamAlarm.Read ? _extras.ReadDue : _extras.WriteDue;

    private long TimeoutDueLocked(int timeoutMilliseconds) =>
        timeoutMilliseconds == Timeout.Infinite ? long.MaxValue : _host.ToDue(TimeSpan.FromMilliseconds(timeoutMilliseconds));

    private bool HasPassedLocked(long due) => due != long.MaxValue && due <= _host.Now;

    private void ArmLocked(StreamAlarm alarm, long due)
    {
        if (due == long.MaxValue)
            return;
        StreamExtras extras = _extras ??= new StreamExtras();
        ref long armed = ref alarm == StreamAlarm.Read ? ref extras.ArmedReadDue : ref extras.ArmedWriteDue;
        if (armed <= due)
            return; // An earlier wake-up is arranged, and will arrange this one.
        bool wasArmed = armed != long.MaxValue;
        Volatile.Write(ref armed, due);
        if (wasArmed)
            _host.ForgetDeadlines(1);
        _host.ArmDeadline(this, _generation, alarm, due);
    }

    /// <summary>
    /// A writer at window 0 whose peer has sent FIN may wait for credit that never comes: Go's muxado closes a stream by FIN
    /// alone and forgets it. An empty DATA brings RST if the stream is gone there, and means nothing if it is not.
    /// </summary>
    private void ArmProbeLocked()
    {
        if (_write is null || _write.UnreservedBytes == 0 || !Has(StreamState.FinReceived) || Has(StreamState.ProbeArmed | StreamState.Released))
            return;
        _state |= StreamState.ProbeArmed;
        _host.ArmDeadline(this, _generation, StreamAlarm.Probe, _host.ToDue(_host.ProbeInterval));
    }

    private void ProbeLocked(ref StreamEffects effects)
    {
        if (_write is not { UnreservedBytes: > 0 } || Has(StreamState.Reset))
            return;
        _host.TryAppendData(this, default, fin: false);
        effects.Flush = true;
        ArmProbeLocked();
    }
}
