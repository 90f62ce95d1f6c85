using System.Diagnostics;
using System.Numerics;
using System.Security.Cryptography;

namespace Muxado.Fast.Streams;

/// <summary>The live streams of a session by id, which is never 0: chains of entries that are used again.</summary>
/// <remarks>
/// Owner: a session.
/// Threading: none of its own; the caller holds the table lock.
/// Invariants: there are as many buckets as entries, a power of two. Entry 0 is never used, so that 0 ends a chain. Each other entry is in the
/// chain of its id's bucket, or in the chain of free ones, or has not been used since the last resize. The hash starts from a random
/// multiplier of this instance, so a peer that chooses its ids cannot choose where they fall.
/// Reuse: the entry that became free last is used first, while the cache still has it, and is the first of its chain; a table that was large shrinks when nearly empty.
/// </remarks>
internal sealed class StreamTable<T>
    where T : class
{
#if DEBUG
    private const int InitialEntries = 4;
    private const int SmallestWorthShrinking = 16;
#else
    private const int InitialEntries = 16;

    // Below this, bursts of streams would make the table breathe in and out, to save at most 20 KiB.
    private const int SmallestWorthShrinking = 1024;
#endif

    private readonly ulong _multiplier;
    private int[] _buckets = new int[InitialEntries];
    private Entry[] _entries = new Entry[InitialEntries];
    private int _bucketShift = BucketShiftFor(InitialEntries);
    private int _firstFree;
    private int _unused = 1;

    public StreamTable()
    {
        Span<byte> random = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(random);
        _multiplier = BitConverter.ToUInt64(random) | 1;
    }

    public int Count { get; private set; }

    /// <summary>How many entries there is memory for, for tests.</summary>
    internal int Entries => _entries.Length;

    public T? Find(uint id)
    {
        Entry[] entries = _entries;
        for (int index = _buckets[BucketOf(id)]; index != 0; index = entries[index].Next)
        {
            if (entries[index].Id == id)
                return entries[index].Value;
        }

        return null;
    }

    /// <summary>
    /// The caller knows that the id is new: looking for it would walk through entries that nobody has touched for long, each a miss of
    /// the cache.
    /// </summary>
    public void Add(uint id, T value)
    {
        Debug.Assert(Find(id) is null, "a stream is added once");
        if (_firstFree == 0 && _unused == _entries.Length)
            Resize(_entries.Length * 2);
        Insert(id, value);
        Count++;
        AssertInvariants();
    }

    public bool Remove(uint id)
    {
        ref int link = ref _buckets[BucketOf(id)];
        while (link != 0)
        {
            int index = link;
            ref Entry entry = ref _entries[index];
            if (entry.Id == id)
            {
                link = entry.Next;
                entry = new Entry { Next = _firstFree };
                _firstFree = index;
                Count--;
                if (_entries.Length >= SmallestWorthShrinking && Count < _entries.Length / 16)
                    Resize(_entries.Length / 4);
                AssertInvariants();
                return true;
            }

            link = ref entry.Next;
        }

        return false;
    }

    /// <summary>Appends every stream to the list, in no order.</summary>
    public void CopyTo(List<T> list)
    {
        foreach (ref readonly Entry entry in _entries.AsSpan())
        {
            if (entry.Value is { } value)
                list.Add(value);
        }
    }

    /// <summary>How many entries a search for this id looks at, for tests.</summary>
    internal int ProbesFor(uint id)
    {
        int probes = 1;
        for (int index = _buckets[BucketOf(id)]; _entries[index].Id != id; index = _entries[index].Next)
            probes++;
        return probes;
    }

    private static int BucketShiftFor(int buckets) => 64 - BitOperations.Log2((uint)buckets);

    // Ids come at equal distances, and one multiplication keeps them so: an unlucky multiplier then piles them up. Folding the
    // high bits in and multiplying again breaks the pattern. The second factor is another number than the first, since the
    // same one, used twice, was seen to restore it now and then. StreamTableTests holds the average search to the ideal.
    private int BucketOf(uint id)
    {
        ulong hash = id * _multiplier;
        hash ^= hash >> 29;
        return (int)(hash * 0x9E3779B97F4A7C15 >> _bucketShift);
    }

    private void Insert(uint id, T value)
    {
        int index = _firstFree;
        if (index != 0)
            _firstFree = _entries[index].Next;
        else
            index = _unused++;
        ref int bucket = ref _buckets[BucketOf(id)];
        _entries[index] = new Entry { Id = id, Next = bucket, Value = value };
        bucket = index;
    }

    private void Resize(int entries)
    {
        Entry[] old = _entries;
        _buckets = new int[entries];
        _entries = new Entry[entries];
        _bucketShift = BucketShiftFor(entries);
        _firstFree = 0;
        _unused = 1;
        foreach (ref readonly Entry entry in old.AsSpan())
        {
            if (entry.Value is { } value)
                Insert(entry.Id, value);
        }
    }

    [Conditional("DEBUG")]
    private void AssertInvariants()
    {
        Debug.Assert(BitOperations.IsPow2(_entries.Length) && _buckets.Length == _entries.Length, "the table's length is a power of two");
        Debug.Assert(Count < _unused && _unused <= _entries.Length, "each stream has an entry");
    }

    private struct Entry
    {
        public T? Value;
        public uint Id;

        // The next in the same chain, whichever that is.
        public int Next;
    }
}
