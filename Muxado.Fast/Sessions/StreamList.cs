using Muxado.Fast.Streams;

namespace Muxado.Fast.Sessions;

/// <summary>Streams in the order in which they were added, linked through themselves, so that any of them leaves in constant time and nothing is allocated.</summary>
/// <remarks>
/// Owner: the backlog, or the owed-credit list. A stream is in one list at a time; who asks for its links says which.
/// Threading: under the owner's lock; <see cref="Count"/> is a glance without it.
/// Invariants: the owner adds what is in no list, and removes what is in this one.
/// </remarks>
internal struct StreamList
{
    private StreamCore? _last;
    private int _count;

    public StreamCore? First { get; private set; }

    public readonly int Count => Volatile.Read(in _count);

    public void Add(StreamCore stream)
    {
        stream.ListPrevious = _last;
        if (_last is null)
            First = stream;
        else
            _last.ListNext = stream;
        _last = stream;
        _count++;
    }

    public void Remove(StreamCore stream)
    {
        if (stream.ListPrevious is null)
            First = stream.ListNext;
        else
            stream.ListPrevious.ListNext = stream.ListNext;
        if (stream.ListNext is null)
            _last = stream.ListPrevious;
        else
            stream.ListNext.ListPrevious = stream.ListPrevious;
        stream.ListNext = stream.ListPrevious = null;
        _count--;
    }
}
