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
    private const int Slots = 256;

    // Most sessions never reset a stream.
    private uint[]? _ids;

    /// <summary>Adds an id. False: it is here already.</summary>
    public bool Add(uint id)
    {
        _ids ??= new uint[Slots];

        // Ids of one side differ by two: without the lowest bit, neighbours fill all the slots.
        ref uint slot = ref _ids[(id >> 1) % Slots];
        if (slot == id)
            return false;
        slot = id;
        return true;
    }
}
