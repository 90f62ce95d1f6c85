using System.Buffers;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Microsoft.Extensions.ObjectPool;
using Muxado.Fast.Buffers;

namespace Muxado.Fast.Bench.Micro.Buffers;

/// <summary>
/// Is the engine's own block pool worth having beside the shared array pool and Microsoft's object pool: one block at a time, and as
/// many as 64 streams hold?
/// </summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class BlockPoolBenchmarks
{
    private readonly BlockPool _pool = new();
    private readonly ObjectPool<byte[]> _smallObjects = CreateObjectPool(Block.SmallBytes, BlockPool.DefaultRetainedSmall);
    private readonly ObjectPool<byte[]> _largeObjects = CreateObjectPool(Block.LargeBytes, BlockPool.DefaultRetainedLarge);
    private Block[] _blocks = [];
    private byte[][] _arrays = [];

    [Params(1, 64)]
    public int HeldAtOnce { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _blocks = new Block[HeldAtOnce];
        _arrays = new byte[HeldAtOnce][];
        Verify.Equal(HeldAtOnce * Block.SmallBytes, SmallBlocks());
        Verify.Equal(HeldAtOnce * Block.LargeBytes, LargeBlocks());
        Verify.That(SmallArrays() >= HeldAtOnce * Block.SmallBytes);
        Verify.That(LargeArrays() >= HeldAtOnce * Block.LargeBytes);
        Verify.Equal(HeldAtOnce * Block.SmallBytes, SmallObjects());
        Verify.Equal(HeldAtOnce * Block.LargeBytes, LargeObjects());
    }

    [GlobalCleanup]
    public void Cleanup() => Verify.Equal(0, _pool.Outstanding);

    [Benchmark, BenchmarkCategory("small")]
    public int SmallBlocks()
    {
        for (var i = 0; i < _blocks.Length; i++)
            _blocks[i] = _pool.RentSmall();
        return ReturnBlocks();
    }

    [Benchmark(Baseline = true), BenchmarkCategory("small")]
    public int SmallArrays() => RentAndReturnArrays(Block.SmallBytes);

    [Benchmark, BenchmarkCategory("small")]
    public int SmallObjects() => RentAndReturnObjects(_smallObjects);

    [Benchmark, BenchmarkCategory("large")]
    public int LargeBlocks()
    {
        for (var i = 0; i < _blocks.Length; i++)
            _blocks[i] = _pool.RentLarge();
        return ReturnBlocks();
    }

    [Benchmark(Baseline = true), BenchmarkCategory("large")]
    public int LargeArrays() => RentAndReturnArrays(Block.LargeBytes);

    [Benchmark, BenchmarkCategory("large")]
    public int LargeObjects() => RentAndReturnObjects(_largeObjects);

    private int ReturnBlocks()
    {
        var bytes = 0;
        foreach (var block in _blocks)
        {
            bytes += block.Array.Length;
            _pool.Return(block);
        }

        return bytes;
    }

    private int RentAndReturnArrays(int bytesEach)
    {
        for (var i = 0; i < _arrays.Length; i++)
            _arrays[i] = ArrayPool<byte>.Shared.Rent(bytesEach);
        var bytes = 0;
        foreach (var array in _arrays)
        {
            bytes += array.Length;
            ArrayPool<byte>.Shared.Return(array);
        }

        return bytes;
    }

    private int RentAndReturnObjects(ObjectPool<byte[]> pool)
    {
        for (var i = 0; i < _arrays.Length; i++)
            _arrays[i] = pool.Get();
        var bytes = 0;
        foreach (var array in _arrays)
        {
            bytes += array.Length;
            pool.Return(array);
        }

        return bytes;
    }

    private static DefaultObjectPool<byte[]> CreateObjectPool(int bytes, int maximumRetained) =>
        new(new PinnedArrays(bytes), maximumRetained);

    private sealed class PinnedArrays(int bytes) : PooledObjectPolicy<byte[]>
    {
        public override byte[] Create() => GC.AllocateUninitializedArray<byte>(bytes, pinned: true);

        public override bool Return(byte[] obj) => true;
    }
}
