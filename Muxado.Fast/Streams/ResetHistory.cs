namespace Muxado.Fast.Streams;

/// <summary>
/// Remembers, in bounded memory, which streams were reset lately, so that the frames still in flight on them draw no second RST.
/// </summary>
/// <remarks>
/// Owner: a session's output.
/// Threading: under the output's write lock.
/// Invariants: the ids that were added last are in it, as many as its capacity; it never claims one that was not added. Forgetting
/// an older one costs the peer a redundant RST, which it ignores.
/// </remarks>
internal sealed class ResetHistory(int capacity)
{
    /// <summary>As many streams of both sides as may be open at once by default.</summary>
    public const int UsualIds = 2048;

    private const int InitialIds = 16;

    // A ring, once it is as long as it may be. No stream has the id 0. Most sessions never reset a stream.
    private uint[] _ids = [];
    private int _next;

    public bool Contains(uint id) => _ids.AsSpan().Contains(id);

    /// <summary>Adds an id. False: it is here already.</summary>
    public bool TryAdd(uint id)
    {
        if (Contains(id))
            return false;
        if (_next == _ids.Length && _next < capacity)
            Array.Resize(ref _ids, Math.Min(Math.Max(InitialIds, 2 * _next), capacity));
        else if (_next == _ids.Length)
            _next = 0;
        _ids[_next++] = id;
        return true;
    }
}
