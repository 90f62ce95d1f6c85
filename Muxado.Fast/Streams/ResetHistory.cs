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
    private const int Slots = 512;

    // Most sessions never reset a stream.
    private uint[]? _ids;

    /// <summary>Adds an id. False: it is here already.</summary>
    public bool Add(uint id)
    {
        _ids ??= new uint[Slots];

        // Each side's ids, which differ by two, have every other slot: neither side makes us forget the other's.
        ref uint slot = ref _ids[id % Slots];
        if (slot == id)
            return false;
        slot = id;
        return true;
    }
}
