namespace Muxado.Fast.Streams;

/// <summary>
/// Remembers, in bounded memory, which streams were reset lately, so that the frames still in flight on them draw no second RST.
/// </summary>
/// <remarks>
/// Owner: a session's output.
/// Threading: under the output's write lock.
/// Invariants: it may forget an id, when a later one takes its slot, but never claims one that was not added. Forgetting costs
/// the peer a redundant RST, which it ignores.
/// </remarks>
internal sealed class ResetHistory
{
    private const int FirstSlots = 128;

    /// <summary>Enough for as many streams of each side, in a row, as may be open at once by default.</summary>
    private const int MaxSlots = 2048;

    // Most sessions never reset a stream.
    private uint[]? _ids;

    /// <summary>Adds an id. False: it is here already.</summary>
    public bool Add(uint id)
    {
        _ids ??= new uint[FirstSlots];

        // Each side's ids, which differ by two, have every other slot: neither side makes us forget the other's.
        uint held = _ids[id % _ids.Length];
        if (held == id)
            return false;
        while (held != 0 && _ids.Length < MaxSlots)
        {
            Grow();
            held = _ids[id % _ids.Length];
        }

        _ids[id % _ids.Length] = id;
        return true;
    }

    /// <summary>Doubles the slots. What two ids did not share before they do not share now.</summary>
    private void Grow()
    {
        var larger = new uint[_ids!.Length * 2];
        foreach (uint id in _ids)
        {
            if (id != 0)
                larger[id % larger.Length] = id;
        }

        _ids = larger;
    }
}
