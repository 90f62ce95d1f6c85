namespace Muxado.Fast.Buffers;

/// <summary>A pinned array with a written part, of which a part has been read: <c>0 &lt;= Start &lt;= End &lt;= Array.Length</c>.</summary>
/// <remarks>
/// Owner: whoever rented it from a <see cref="BlockPool"/>, until it is returned.
/// Threading: the owner's.
/// Invariants: the bytes before <see cref="Start"/> are read, those up to <see cref="End"/> unread, the rest free.
/// Reuse: by the pool; a returned block must not be touched, not even looked at.
/// </remarks>
internal sealed class Block
{
#if DEBUG
    /// <summary>Tiny, so that every test runs the paths by which data outgrows a block.</summary>
    public const int SmallBytes = 16;
#else
    public const int SmallBytes = 1024;
#endif

    /// <summary>16 KiB and a header: a full DATA frame fits in one block.</summary>
    public const int LargeBytes = (16 * 1024) + 8;

    /// <summary>The frames of a 64 KiB write, in one row for a transport that wants them so.</summary>
    public const int WideBytes = (64 * 1024) + (5 * 8);

    internal Block(BlockPool pool, BlockSize size)
    {
        Pool = pool;
        Size = size;
        Array = GC.AllocateUninitializedArray<byte>(BytesOf(size), pinned: true);
    }

    /// <summary>A block of its own, outside any pool: for bytes that outlive what they came with, or are more than a pool's block takes.</summary>
    internal Block(int bytes) => Array = GC.AllocateUninitializedArray<byte>(bytes);

    /// <summary>A block around somebody else's bytes, all of which are written.</summary>
    internal Block(ArraySegment<byte> bytes)
    {
        Array = bytes.Array!;
        Start = bytes.Offset;
        End = bytes.Offset + bytes.Count;
        IsForeign = true;
    }

    public byte[] Array { get; }

    public BlockSize Size { get; }

    public int Start { get; set; }

    public int End { get; set; }

    /// <summary>The owner's link; while the block lies in the pool, the pool's.</summary>
    public Block? Next { get; set; }

    public Span<byte> Free => Array.AsSpan(End);

    public ReadOnlySpan<byte> Unread => Array.AsSpan(Start, End - Start);

    public ReadOnlyMemory<byte> UnreadMemory => Array.AsMemory(Start, End - Start);

    /// <summary>Whether the bytes are somebody else's, who will want them back.</summary>
    public bool IsForeign { get; }

    /// <summary>Where it goes back to; null for a block of its own.</summary>
    internal BlockPool? Pool { get; }

    /// <summary>Guarded by the pool's lock for this size.</summary>
    internal bool IsRented { get; set; }

    private static int BytesOf(BlockSize size) => size switch
    {
        BlockSize.Small => SmallBytes,
        BlockSize.Large => LargeBytes,
        _ => WideBytes,
    };
}

/// <summary>The sizes in which a <see cref="BlockPool"/> has blocks.</summary>
internal enum BlockSize
{
    /// <summary><see cref="Block.SmallBytes"/>.</summary>
    Small,

    /// <summary><see cref="Block.LargeBytes"/>.</summary>
    Large,

    /// <summary><see cref="Block.WideBytes"/>.</summary>
    Wide,
}
