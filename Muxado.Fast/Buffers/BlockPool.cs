using System.Diagnostics;

namespace Muxado.Fast.Buffers;

/// <summary>Rents pinned blocks in three fixed sizes and keeps a bounded number of those that come back.</summary>
/// <remarks>
/// Owner: the process (<see cref="Shared"/>), or a test.
/// Threading: any thread. The three locks are leaves: nothing is called while one is held.
/// Invariants: a block is either rented or in its free list; <see cref="Outstanding"/> counts the rented ones.
/// Reuse: last in, first out, because the block returned last is the one most likely still in cache.
/// </remarks>
internal sealed class BlockPool
{
    public const int DefaultRetainedSmall = 4096;
    public const int DefaultRetainedLarge = 1024;
    public const int DefaultRetainedWide = 256;

    // Written into what lies in the pool (DEBUG), so that reading after the return is seen in the data and writing at the next rent.
    private const byte Poison = 0xDD;

    private readonly FreeList _small;
    private readonly FreeList _large;
    private readonly FreeList _wide;
    private int _outstanding;

    /// <param name="maxRetainedSmall">How many small blocks to keep for reuse; more than these are left to the garbage collector.</param>
    /// <param name="maxRetainedLarge">The same for large blocks.</param>
    /// <param name="maxRetainedWide">The same for wide blocks.</param>
    public BlockPool(
        int maxRetainedSmall = DefaultRetainedSmall, int maxRetainedLarge = DefaultRetainedLarge, int maxRetainedWide = DefaultRetainedWide)
    {
        _small = new FreeList(maxRetainedSmall);
        _large = new FreeList(maxRetainedLarge);
        _wide = new FreeList(maxRetainedWide);
    }

    /// <summary>The pool of all sessions. Keeps at most 4 MiB of small, 16 MiB each of large and of wide blocks.</summary>
    public static BlockPool Shared { get; } = new();

    /// <summary>How many blocks are rented at this moment.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>An empty block of <see cref="Block.SmallBytes"/>.</summary>
    public Block RentSmall() => Rent(BlockSize.Small);

    /// <summary>An empty block of <see cref="Block.LargeBytes"/>.</summary>
    public Block RentLarge() => Rent(BlockSize.Large);

    /// <summary>An empty block.</summary>
    public Block Rent(BlockSize size)
    {
        Block block = ListOf(size).TryPop() ?? new Block(this, size) { IsRented = true };
        Interlocked.Increment(ref _outstanding);
        return block;
    }

    /// <summary>Takes a block back, with whatever is in it. Its <see cref="Block.Next"/> is lost.</summary>
    /// <exception cref="InvalidOperationException">The block is not rented (it came back twice), or not from this pool.</exception>
    public void Return(Block block)
    {
        if (block.Pool != this)
            throw new InvalidOperationException("A block was returned to a pool that it was not rented from.");
        ListOf(block.Size).Push(block);
        Interlocked.Decrement(ref _outstanding);
    }

    private FreeList ListOf(BlockSize size) => size switch
    {
        BlockSize.Small => _small,
        BlockSize.Large => _large,
        _ => _wide,
    };

    private sealed class FreeList(int maxRetained)
    {
        private readonly Lock _gate = new();
        private Block? _first;
        private int _count;

        public Block? TryPop()
        {
            lock (_gate)
            {
                Block? block = _first;
                if (block is null)
                    return null;
                AssertPoisoned(block);
                _first = block.Next;
                _count--;
                block.Next = null;
                block.Start = 0;
                block.End = 0;
                block.IsRented = true;
                return block;
            }
        }

        public void Push(Block block)
        {
            lock (_gate)
            {
                if (!block.IsRented)
                    throw new InvalidOperationException("A block was returned twice: its bytes may belong to someone else by now.");
                block.IsRented = false;
                block.Next = null;
                FillWithPoison(block);
                if (_count == maxRetained)
                    return;
                block.Next = _first;
                _first = block;
                _count++;
            }
        }

        [Conditional("DEBUG")]
        private static void FillWithPoison(Block block) => block.Array.AsSpan().Fill(Poison);

        [Conditional("DEBUG")]
        private static void AssertPoisoned(Block block) =>
            Debug.Assert(!block.Array.AsSpan().ContainsAnyExcept(Poison), "a block was written to after it had been returned");
    }
}
