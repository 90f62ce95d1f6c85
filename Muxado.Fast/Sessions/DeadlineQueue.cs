using Muxado.Fast.Streams;

namespace Muxado.Fast.Sessions;

/// <summary>The wake-ups that streams have asked for, earliest first.</summary>
/// <remarks>
/// Owner: the session engine.
/// Threading: under its lock only the timer's is taken.
/// Invariants: the timer's <see cref="SessionAlarm.Deadlines"/> is set no later than the first entry. Entries are never removed
/// one by one: a stream that no longer cares finds out when its entry comes up. When most of them are of released streams, or an earlier one has
/// taken their place, all of those go at once, so that memory follows the streams that are open: each awaits at most one for each <see cref="StreamAlarm"/>. After the session's end there are none: a core may be another
/// session's by then, and would keep that one alive as long as somebody holds this one.
/// </remarks>
internal sealed class DeadlineQueue(SessionTimer timer)
{
    private const int MinForgotten = 512;

    private readonly Lock _gate = new();
    private readonly PriorityQueue<Entry, long> _entries = new();
    private int _forgotten;
    private bool _isEnded;

    public void Add(StreamCore stream, int generation, StreamAlarm alarm, long due)
    {
        lock (_gate)
        {
            if (_isEnded)
                return;
            _entries.Enqueue(new Entry(stream, generation, alarm), due);
            timer.Set(SessionAlarm.Deadlines, FirstDueLocked());
        }
    }

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _entries.Count;
        }
    }

    /// <summary>Notes that nobody awaits so many of the entries any more.</summary>
    public void Forget(int count)
    {
        lock (_gate)
        {
            _forgotten += count;
            if (_forgotten < MinForgotten || _forgotten * 2 < _entries.Count)
                return;
            var live = _entries.UnorderedItems.Where(item => item.Element.Stream.Awaits(item.Element.Generation, item.Element.Alarm, item.Priority)).ToList();
            _entries.Clear();
            _entries.EnqueueRange(live);
            _forgotten = 0;
        }
    }

    /// <summary>The session has ended: there is nobody left to wake.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isEnded = true;
            _entries.Clear();
            _entries.TrimExcess();
        }
    }

    /// <summary>Wakes every stream whose time has come.</summary>
    public void RaiseDue(StreamHost host)
    {
        while (true)
        {
            Entry entry;
            long due;
            lock (_gate)
            {
                if (FirstDueLocked() > timer.Now)
                {
                    timer.Set(SessionAlarm.Deadlines, FirstDueLocked());
                    return;
                }

                _entries.TryDequeue(out entry, out due);
            }

            entry.Stream.OnAlarm(host, entry.Generation, entry.Alarm, due);
        }
    }

    private long FirstDueLocked() => _entries.TryPeek(out _, out long due) ? due : long.MaxValue;

    private readonly record struct Entry(StreamCore Stream, int Generation, StreamAlarm Alarm);
}
