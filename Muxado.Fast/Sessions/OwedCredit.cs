using Muxado.Fast.Streams;

namespace Muxado.Fast.Sessions;

/// <summary>
/// Streams whose reader waits with everything read but less than half a window owed. Their credit is returned a little later,
/// once for many reads: a WND_INC for each message of a conversation would cost more than the message.
/// </summary>
/// <remarks>
/// Owner: the session engine.
/// Threading: its lock is a leaf.
/// Invariants: a stream is in the list at most once, and referred to by it. One that will get no more is taken out at once: thousands of
/// short conversations within a delay would otherwise keep thousands of closed streams.
/// </remarks>
internal sealed class OwedCredit
{
    private readonly Lock _gate = new();
    private StreamList _streams;

    public void Add(StreamCore stream)
    {
        if (stream.IsOwedLinked)
            return; // Set on this stream's own reads, under its lock; cleared when it is taken out: at worst one delay longer.
        lock (_gate)
        {
            if (stream.IsOwedLinked)
                return;
            stream.IsOwedLinked = true;
            stream.AddReference();
            _streams.Add(stream);
        }
    }

    /// <summary>Takes a stream out, if it is in; the list's reference is then the caller's to release.</summary>
    public bool Remove(StreamCore stream)
    {
        lock (_gate)
        {
            if (!stream.IsOwedLinked)
                return false;
            RemoveLocked(stream);
            return true;
        }
    }

    /// <summary>Queues the credit of every stream that is in the list now.</summary>
    public void ReturnAll(StreamHost host)
    {
        for (int left = _streams.Count; left > 0 && TryTakeFirst() is { } stream; left--)
        {
            stream.ReturnOwedCredit(host);
            stream.ReleaseReference(host);
        }
    }

    private StreamCore? TryTakeFirst()
    {
        lock (_gate)
        {
            StreamCore? first = _streams.First;
            if (first is not null)
                RemoveLocked(first);
            return first;
        }
    }

    private void RemoveLocked(StreamCore stream)
    {
        _streams.Remove(stream);
        stream.IsOwedLinked = false;
    }
}
