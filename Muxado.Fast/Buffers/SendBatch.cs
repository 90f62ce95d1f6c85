using System.Collections;
using System.Diagnostics;

namespace Muxado.Fast.Buffers;

/// <summary>
/// What goes to the transport in one go: small frames copied into blocks, and between them memory borrowed from writers, as a
/// list of segments that a gathering send takes as it is.
/// </summary>
/// <remarks>
/// Owner: a session's output, which has two: one is filled while the other is sent.
/// Threading: under the output's write lock while it is filled, the flush token's holder alone while it is sent.
/// Invariants: <see cref="TotalBytes"/> is the sum of the segments; each block is returned exactly once, after its last segment;
/// borrowed memory is referred to only until <see cref="MakeOwned"/> or <see cref="Clear"/>.
/// Reuse: empty again after everything was consumed; holds no block then.
/// </remarks>
/// <param name="pool">Where the blocks come from.</param>
/// <param name="blockSize">Of blocks that nobody asked to be wide. Wide where the transport sends one segment at a time and each has a price, as over TLS.</param>
internal sealed class SendBatch(BlockPool pool, BlockSize blockSize = BlockSize.Large) : IList<ArraySegment<byte>>
{
    /// <summary>The most segments that a gathering send takes without allocating; see docs/architecture.md.</summary>
    public const int GatherSegments = 8;

    private Segment[] _segments = new Segment[GatherSegments];
    private int _first;
    private int _end;
    private Block? _tail;

    public int TotalBytes { get; private set; }

    public int Count => _end - _first;

    public bool IsEmpty => TotalBytes == 0;

    /// <summary>Whether so many reserved bytes, and then so many borrowed pieces, stay within what one gathering send takes.</summary>
    public bool FitsSegments(int reservedBytes, int borrowed) =>
        Count + borrowed + (ExtendsLast(reservedBytes) ? 0 : 1) <= GatherSegments;

    /// <summary>Room for one frame's bytes in a row. Everything reserved is sent.</summary>
    public Span<byte> Reserve(int bytes) => Reserve(bytes, blockSize);

    /// <summary>The same; if it takes another block, then one of this size.</summary>
    public Span<byte> Reserve(int bytes, BlockSize newBlock)
    {
        Debug.Assert(bytes <= Block.LargeBytes);
        bool extendsLast = ExtendsLast(bytes);
        if (!HasRoom(bytes))
            _tail = pool.Rent(newBlock);
        Block block = _tail!;
        if (extendsLast)
            _segments[_end - 1].Count += bytes;
        else
            Add(new Segment { Array = block.Array, Offset = block.End, Count = bytes, Owner = block });
        Span<byte> room = block.Free[..bytes];
        block.End += bytes;
        TotalBytes += bytes;
        return room;
    }

    /// <summary>The bytes reserved last, which may still be changed.</summary>
    public Span<byte> Last(int bytes) => _tail!.Array.AsSpan(_tail.End - bytes, bytes);

    public void Borrow(ArraySegment<byte> memory)
    {
        Add(new Segment { Array = memory.Array!, Offset = memory.Offset, Count = memory.Count });
        TotalBytes += memory.Count;
    }

    /// <summary>The first segment's bytes.</summary>
    public ReadOnlyMemory<byte> First => _segments[_first].Memory;

    /// <summary>Drops what has been sent from the front.</summary>
    public void Consume(int bytes)
    {
        Debug.Assert(bytes <= TotalBytes);
        TotalBytes -= bytes;
        while (bytes > 0)
        {
            ref Segment segment = ref _segments[_first];
            int taken = Math.Min(bytes, segment.Count);
            segment.Offset += taken;
            segment.Count -= taken;
            bytes -= taken;
            if (segment.Count == 0)
                RemoveFirst();
        }

        if (TotalBytes == 0)
            Clear();
    }

    /// <summary>Copies what is borrowed, so that the writers get their memory back before the rest is sent.</summary>
    public void MakeOwned()
    {
        for (int i = _first; i < _end; i++)
        {
            ref Segment segment = ref _segments[i];
            if (segment.Owner is not null)
                continue;
            Block copy = pool.RentLarge();
            segment.Memory.Span.CopyTo(copy.Array);
            segment = new Segment { Array = copy.Array, Count = segment.Count, Owner = copy };
        }
    }

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        while (_first < _end)
            RemoveFirst();
        _first = _end = 0;
        _tail = null;
        TotalBytes = 0;
    }

    private bool HasRoom(int bytes) => _tail is not null && _tail.Free.Length >= bytes;

    private bool ExtendsLast(int bytes) => HasRoom(bytes) && _end > _first && _segments[_end - 1].Owner == _tail;

    private void Add(Segment segment)
    {
        if (_end == _segments.Length)
            Array.Resize(ref _segments, _segments.Length * 2);
        _segments[_end++] = segment;
    }

    private void RemoveFirst()
    {
        Block? owner = _segments[_first].Owner;
        _segments[_first++] = default;
        if (owner is null)
            return;

        // A block whose frames enclose borrowed memory has several segments.
        for (int i = _first; i < _end; i++)
        {
            if (_segments[i].Owner == owner)
                return;
        }

        if (_tail == owner)
            _tail = null;
        pool.Return(owner);
    }

    private struct Segment
    {
        public byte[] Array;
        public int Offset;
        public int Count;

        /// <summary>The block that the bytes lie in, or null when they are borrowed.</summary>
        public Block? Owner;

        public readonly ReadOnlyMemory<byte> Memory => new(Array, Offset, Count);
    }

    // The list that Socket.Send reads: count and indexer, nothing else.
    ArraySegment<byte> IList<ArraySegment<byte>>.this[int index]
    {
        get
        {
            ref Segment segment = ref _segments[_first + index];
            return new ArraySegment<byte>(segment.Array, segment.Offset, segment.Count);
        }
        set => throw new NotSupportedException();
    }

    bool ICollection<ArraySegment<byte>>.IsReadOnly => true;

    int IList<ArraySegment<byte>>.IndexOf(ArraySegment<byte> item) => throw new NotSupportedException();

    void IList<ArraySegment<byte>>.Insert(int index, ArraySegment<byte> item) => throw new NotSupportedException();

    void IList<ArraySegment<byte>>.RemoveAt(int index) => throw new NotSupportedException();

    void ICollection<ArraySegment<byte>>.Add(ArraySegment<byte> item) => throw new NotSupportedException();

    bool ICollection<ArraySegment<byte>>.Contains(ArraySegment<byte> item) => throw new NotSupportedException();

    void ICollection<ArraySegment<byte>>.CopyTo(ArraySegment<byte>[] array, int arrayIndex) => throw new NotSupportedException();

    bool ICollection<ArraySegment<byte>>.Remove(ArraySegment<byte> item) => throw new NotSupportedException();

    IEnumerator<ArraySegment<byte>> IEnumerable<ArraySegment<byte>>.GetEnumerator()
    {
        for (int i = _first; i < _end; i++)
            yield return new ArraySegment<byte>(_segments[i].Array, _segments[i].Offset, _segments[i].Count);
    }

    IEnumerator IEnumerable.GetEnumerator() => ((IEnumerable<ArraySegment<byte>>)this).GetEnumerator();
}
