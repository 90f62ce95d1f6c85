using Muxado.Fast.Streams;

namespace Muxado.Fast.Sessions;

/// <summary>The wake-ups that streams have asked for, earliest first.</summary>
/// <remarks>
/// Owner: the session engine.
/// Threading: under its lock only the timer's is taken.
/// Invariants: the timer's <see cref="SessionAlarm.Deadlines"/> is set no later than the first entry. Entries are never removed
/// early: a stream that no longer cares finds out when its entry comes up, and a stream has at most a few.
/// </remarks>
internal sealed class DeadlineQueue(SessionTimer timer)
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Entry, long> _entries = new();

    public void Add(StreamCore stream, int generation, StreamAlarm alarm, long due)
    {
        lock (_gate)
        {
            _entries.Enqueue(new Entry(stream, generation, alarm), due);
            timer.Set(SessionAlarm.Deadlines, FirstDueLocked());
        }
    }

    /// <summary>Wakes every stream whose time has come.</summary>
    public void RaiseDue(StreamHost host)
    {
        while (true)
        {
            Entry entry;
            lock (_gate)
            {
                if (FirstDueLocked() > timer.Now)
                {
                    timer.Set(SessionAlarm.Deadlines, FirstDueLocked());
                    return;
                }

                entry = _entries.Dequeue();
            }

            entry.Stream.OnAlarm(host, entry.Generation, entry.Alarm);
        }
    }

    private long FirstDueLocked() => _entries.TryPeek(out _, out long due) ? due : long.MaxValue;

    private readonly record struct Entry(StreamCore Stream, int Generation, StreamAlarm Alarm);
}
