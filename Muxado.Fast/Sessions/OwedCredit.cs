using Muxado.Fast.Streams;

namespace Muxado.Fast.Sessions;

/// <summary>
/// Streams whose reader waits with everything read but less than half a window owed. Their credit is returned a little later,
/// once for many reads: a WND_INC for each message of a conversation would cost more than the message.
/// </summary>
/// <remarks>
/// Owner: the session engine.
/// Threading: its lock is a leaf.
/// Invariants: a stream is in the list at most once, and referred to by it.
/// </remarks>
internal sealed class OwedCredit
{
    private readonly Lock _gate = new();
    private StreamCore? _first;

    public void Add(StreamCore stream)
    {
        if (stream.IsOwedLinked)
            return; // Set on this stream's own reads, under its lock; cleared with the list taken away: at worst one delay longer.
        lock (_gate)
        {
            if (stream.IsOwedLinked)
                return;
            stream.IsOwedLinked = true;
            stream.AddReference();
            stream.OwedNext = _first;
            _first = stream;
        }
    }

    /// <summary>Queues the credit of every stream in the list.</summary>
    public void ReturnAll(StreamHost host)
    {
        StreamCore? stream;
        lock (_gate)
        {
            stream = _first;
            _first = null;
        }

        while (stream is not null)
        {
            StreamCore? next = stream.OwedNext;
            lock (_gate)
            {
                stream.OwedNext = null;
                stream.IsOwedLinked = false;
            }

            stream.ReturnOwedCredit(host);
            stream.ReleaseReference(host);
            stream = next;
        }
    }
}
