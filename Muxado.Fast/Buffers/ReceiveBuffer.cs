using System.Diagnostics;
using Microsoft.Extensions.ObjectPool;

namespace Muxado.Fast.Buffers;

/// <summary>
/// The memory that a session receives into: a little of its own, for as long as that is enough, and a large pooled block while
/// much comes at a time. So a session that idles, or exchanges small messages, costs little.
/// </summary>
/// <remarks>
/// Owner: a session's receive pump.
/// Threading: the thread that handles the receive.
/// Invariants: the memory changes only between two receives.
/// Reuse: the large block goes back after a run of small receives, and at the end.
/// </remarks>
internal sealed class ReceiveBuffer
{
#if DEBUG
    /// <summary>Tiny, so that every test moves to the large block and back.</summary>
    public const int SmallBytes = 64;
#else
    public const int SmallBytes = 4 * 1024;
#endif

    /// <summary>Several bulk writes in one call, and still small enough to stay in cache until they are read.</summary>
    public const int LargeBytes = 128 * 1024;

    /// <summary>After so many receives in a row that the small memory could have taken twice, the large block is not needed.</summary>
    public const int CalmReceives = 8;

    private const int MaxRetainedLarge = 128;

    private static readonly ObjectPool<byte[]> LargePool = new DefaultObjectPool<byte[]>(new Policy(), MaxRetainedLarge);

    private readonly byte[] _small = GC.AllocateUninitializedArray<byte>(SmallBytes, pinned: true);
    private byte[]? _large;
    private int _calmReceives;

    /// <summary>Where to receive, and where the bytes of the last receive are until the next <see cref="OnParsed"/>.</summary>
    public byte[] Array => _large ?? _small;

    /// <summary>Notes how much the last receive brought, which has been dealt with, and so chooses the memory for the next.</summary>
    public void OnParsed(int bytes)
    {
        Debug.Assert(bytes <= Array.Length);
        if (bytes > SmallBytes / 2)
            _calmReceives = 0;
        else if (_calmReceives < CalmReceives)
            _calmReceives++;

        if (_large is null && bytes == SmallBytes)
            _large = LargePool.Get();
        else if (_calmReceives == CalmReceives)
            Release();
    }

    /// <summary>Gives the large block back. No receive is under way.</summary>
    public void Release()
    {
        if (_large is null)
            return;
        LargePool.Return(_large);
        _large = null;
    }

    private sealed class Policy : PooledObjectPolicy<byte[]>
    {
        public override byte[] Create() => GC.AllocateUninitializedArray<byte>(LargeBytes, pinned: true);

        public override bool Return(byte[] obj) => true;
    }
}
