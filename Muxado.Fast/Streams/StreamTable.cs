using System.Diagnostics;
using System.Numerics;
using System.Security.Cryptography;

namespace Muxado.Fast.Streams;

/// <summary>The live streams of a session by id, which is never 0: open addressing with linear probing.</summary>
/// <remarks>
/// Owner: a session.
/// Threading: none of its own; the caller holds the table lock.
/// Invariants: the length is a power of two, at most three quarters are used, and between an entry's home slot and the slot
/// that it lies in there is no gap. The hash starts from a random multiplier of this instance, so a peer that chooses its ids
/// cannot choose where they fall.
/// Reuse: slots are reused at once, since removal leaves no tombstones; a table that was large shrinks when nearly empty.
/// </remarks>
internal sealed class StreamTable<T>
    where T : class
{
#if DEBUG
    private const int InitialSlots = 4;
    private const int SmallestWorthShrinking = 16;
#else
    private const int InitialSlots = 16;

    // Below this, bursts of streams would make the table breathe in and out, to save at most 16 KiB.
    private const int SmallestWorthShrinking = 2048;
#endif

    // Stream 0 is the session itself.
    private const uint Free = 0;

    private readonly ulong _multiplier;

    // Apart from each other: 12 bytes a slot instead of 16, and a search that passes others looks at ids only.
    private uint[] _ids = new uint[InitialSlots];
    private T?[] _values = new T?[InitialSlots];
    private int _homeShift = HomeShiftFor(InitialSlots);

    public StreamTable()
    {
        Span<byte> random = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(random);
        _multiplier = BitConverter.ToUInt64(random) | 1;
    }

    public int Count { get; private set; }

    /// <summary>How many slots there are, for tests.</summary>
    internal int Slots => _ids.Length;

    public T? Find(uint id)
    {
        uint[] ids = _ids;
        for (int slot = HomeOf(id); ; slot = (slot + 1) & (ids.Length - 1))
        {
            if (ids[slot] == id)
                return _values[slot];
            if (ids[slot] == Free)
                return null;
        }
    }

    /// <exception cref="ArgumentException">There is a stream with this id already.</exception>
    public void Add(uint id, T value)
    {
        if (Count + 1 > _ids.Length / 4 * 3)
            Resize(_ids.Length * 2);

        int slot = SlotOf(id);
        if (_ids[slot] != Free)
            throw new ArgumentException($"Stream {id} is in the table already.", nameof(id));
        _ids[slot] = id;
        _values[slot] = value;
        Count++;
        AssertInvariants();
    }

    public bool Remove(uint id)
    {
        int slot = SlotOf(id);
        if (_ids[slot] == Free)
            return false;
        CloseGap(slot);
        Count--;
        if (_ids.Length >= SmallestWorthShrinking && Count < _ids.Length / 16)
            Resize(_ids.Length / 4);
        AssertInvariants();
        return true;
    }

    /// <summary>Appends every stream to the list, in no order.</summary>
    public void CopyTo(List<T> list)
    {
        foreach (T? value in _values)
        {
            if (value is not null)
                list.Add(value);
        }
    }

    /// <summary>How many slots a search for this id looks at, for tests.</summary>
    internal int ProbesFor(uint id) => Distance(HomeOf(id), SlotOf(id)) + 1;

    private static int HomeShiftFor(int slots) => 64 - BitOperations.Log2((uint)slots);

    // Ids come at equal distances, and one multiplication keeps them so: an unlucky multiplier then piles them up. Folding the
    // high bits in and multiplying again breaks the pattern. The second factor is another number than the first, since the
    // same one, used twice, was seen to restore it now and then. StreamTableTests holds the average search to the ideal.
    private int HomeOf(uint id)
    {
        ulong hash = id * _multiplier;
        hash ^= hash >> 29;
        return (int)(hash * 0x9E3779B97F4A7C15 >> _homeShift);
    }

    // Where the id is, or the free slot where it belongs.
    private int SlotOf(uint id)
    {
        int slot = HomeOf(id);
        while (_ids[slot] != Free && _ids[slot] != id)
            slot = (slot + 1) & (_ids.Length - 1);
        return slot;
    }

    private int Distance(int from, int to) => (to - from) & (_ids.Length - 1);

    // Moves each following entry back into the gap, unless that is before its home; the gap goes on from where it lay.
    private void CloseGap(int gap)
    {
        int slot = gap;
        while (true)
        {
            slot = (slot + 1) & (_ids.Length - 1);
            if (_ids[slot] == Free)
                break;
            if (Distance(HomeOf(_ids[slot]), slot) < Distance(gap, slot))
                continue;
            (_ids[gap], _values[gap]) = (_ids[slot], _values[slot]);
            gap = slot;
        }

        (_ids[gap], _values[gap]) = (Free, null);
    }

    private void Resize(int slots)
    {
        (uint[] oldIds, T?[] oldValues) = (_ids, _values);
        (_ids, _values) = (new uint[slots], new T?[slots]);
        _homeShift = HomeShiftFor(slots);
        for (int i = 0; i < oldIds.Length; i++)
        {
            if (oldIds[i] == Free)
                continue;
            int slot = SlotOf(oldIds[i]);
            (_ids[slot], _values[slot]) = (oldIds[i], oldValues[i]);
        }
    }

    [Conditional("DEBUG")]
    private void AssertInvariants()
    {
        Debug.Assert(BitOperations.IsPow2(_ids.Length) && _ids.Length == _values.Length, "the table's length is a power of two");
        Debug.Assert(Count <= _ids.Length / 4 * 3, "the table is too full to probe");
    }
}
