namespace Muxado.Fast.Sessions;

/// <summary>
/// How long the peer may take over one thing. It is over only when it was looked at shortly before it was over, too: time in which this process did
/// not run, because it was stopped or had no processor, says nothing about the peer, whose bytes may lie unread, or have been taken long ago.
/// </summary>
/// <remarks>
/// Owner: who waits for the peer.
/// Threading: <see cref="Begin"/> from any thread, <see cref="IsOver"/> by the alarm alone.
/// Invariants: while this process runs, it is over exactly at the limit.
/// </remarks>
/// <param name="timer">The session's.</param>
/// <param name="alarm">Which of its alarms calls <see cref="IsOver"/>.</param>
/// <param name="limit">How long, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
/// <param name="looks">How often to look within the limit, at least: more than once where whoever waits sees progress only by looking.</param>
internal sealed class StallLimit(SessionTimer timer, SessionAlarm alarm, TimeSpan limit, int looks = 1)
{
    private static readonly TimeSpan LongestLastWait = TimeSpan.FromSeconds(1);

    /// <summary>What is left of the limit at the last look but one.</summary>
    private readonly TimeSpan _lastWait = limit / 2 < LongestLastWait ? limit / 2 : LongestLastWait;

    private long _seenSince = long.MaxValue;
    private long _seenAt;

    public TimeSpan Limit => limit;

    /// <summary>Something has begun that the peer must not take too long for. Cheap where something else has before.</summary>
    public void Begin()
    {
        if (limit != Timeout.InfiniteTimeSpan)
            timer.SetIfUnset(alarm, UntilNextLook(limit));
    }

    /// <summary>Whether what has been going on since then has taken too long. If not, the alarm is set again.</summary>
    public bool IsOver(long since)
    {
        long now = timer.Now;
        TimeSpan left = limit - timer.ToTimeSpan(now - since);
        if (_seenSince != since && left <= _lastWait)
            (_seenSince, _seenAt) = (since, now);
        if (_seenSince != since)
        {
            timer.Set(alarm, UntilNextLook(left));
            return false;
        }

        TimeSpan lookLeft = _lastWait - timer.ToTimeSpan(now - _seenAt);
        if (lookLeft > left)
            left = lookLeft;
        if (left <= TimeSpan.Zero)
            return true;
        timer.Set(alarm, left);
        return false;
    }

    private TimeSpan UntilNextLook(TimeSpan left)
    {
        TimeSpan untilLast = left - _lastWait;
        return untilLast < limit / looks ? untilLast : limit / looks;
    }
}
