using System.Diagnostics;

namespace Muxado.Fast.Buffers;

/// <summary>
/// A stream's bytes that came and were not read yet: a queue of blocks. Small frames share the last block, so memory follows the
/// bytes and not the frames.
/// </summary>
/// <remarks>
/// Owner: one stream core.
/// Threading: under the stream's lock.
/// Invariants: <see cref="Count"/> is the sum of what is unread in the blocks; no block in the queue is empty.
/// Reuse: empty again, it holds no block.
/// </remarks>
internal struct UnreadBytes
{
    private Block? _first;
    private Block? _last;

    public int Count { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes, BlockPool pool)
    {
        Count += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (_last is null || _last.End == _last.Array.Length)
                AddBlock(bytes.Length, pool);
            Block block = _last!;
            Span<byte> free = block.Free;
            int copied = Math.Min(free.Length, bytes.Length);
            bytes[..copied].CopyTo(free);
            block.End += copied;
            bytes = bytes[copied..];
        }

        AssertInvariants();
    }

    /// <summary>Moves as many bytes as there are and fit; returns how many. Emptied blocks go back to the pool at once.</summary>
    public int Read(Span<byte> destination, BlockPool pool)
    {
        int read = 0;
        while (read < destination.Length && _first is { } block)
        {
            ReadOnlySpan<byte> unread = block.Unread;
            int copied = Math.Min(unread.Length, destination.Length - read);
            unread[..copied].CopyTo(destination[read..]);
            read += copied;
            block.Start += copied;
            if (block.Start == block.End)
                RemoveFirst(pool);
        }

        Count -= read;
        AssertInvariants();
        return read;
    }

    /// <summary>Hands all blocks over as they are, linked by <see cref="Block.Next"/>; null if there are none.</summary>
    public Block? TakeBlocks()
    {
        Block? taken = _first;
        _first = _last = null;
        Count = 0;
        return taken;
    }

    /// <summary>Moves what is unread out of the pool: the session has ended and gives its buffers back, and the reader may come late or never.</summary>
    public void Detach(BlockPool pool)
    {
        if (Count == 0)
            return;
        int count = Count;
        var own = new Block(count) { End = count };
        Read(own.Array, pool);
        _first = _last = own;
        Count = count;
        AssertInvariants();
    }

    /// <summary>Drops everything.</summary>
    public void Clear(BlockPool pool)
    {
        while (_first is not null)
            RemoveFirst(pool);
        Count = 0;
    }

    // A stream that holds little stays little; one that has filled a small block gets large ones.
    private void AddBlock(int wantedBytes, BlockPool pool)
    {
        Block block = _last is null && wantedBytes <= Block.SmallBytes ? pool.RentSmall() : pool.RentLarge();
        if (_last is null)
            _first = block;
        else
            _last.Next = block;
        _last = block;
    }

    private void RemoveFirst(BlockPool pool)
    {
        Block block = _first!;
        _first = block.Next;
        if (_first is null)
            _last = null;
        if (block.Pool is not null)
            pool.Return(block);
    }

    [Conditional("DEBUG")]
    private readonly void AssertInvariants()
    {
        int sum = 0;
        for (Block? block = _first; block is not null; block = block.Next)
        {
            Debug.Assert(block.Start < block.End, "an empty block was kept");
            Debug.Assert(block.Next is not null || block == _last, "the queue's end is not its last block");
            sum += block.End - block.Start;
        }

        Debug.Assert(sum == Count, "the count differs from what the blocks hold");
    }
}
