using System.Buffers;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Muxado.Fast.Buffers;

namespace Muxado.Fast.Bench.Micro.Buffers;

/// <summary>The block pool against the shared array pool: one block at a time, and as many as 64 streams hold.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class BlockPoolBenchmarks
{
    private readonly BlockPool _pool = new();
    private Block[] _blocks = [];
    private byte[][] _arrays = [];

    [Params(1, 64)]
    public int HeldAtOnce { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _blocks = new Block[HeldAtOnce];
        _arrays = new byte[HeldAtOnce][];
    }

    [Benchmark, BenchmarkCategory("small")]
    public void SmallBlocks()
    {
        for (var i = 0; i < _blocks.Length; i++)
            _blocks[i] = _pool.RentSmall();
        foreach (var block in _blocks)
            _pool.Return(block);
    }

    [Benchmark(Baseline = true), BenchmarkCategory("small")]
    public void SmallArrays() => RentAndReturnArrays(Block.SmallBytes);

    [Benchmark, BenchmarkCategory("large")]
    public void LargeBlocks()
    {
        for (var i = 0; i < _blocks.Length; i++)
            _blocks[i] = _pool.RentLarge();
        foreach (var block in _blocks)
            _pool.Return(block);
    }

    [Benchmark(Baseline = true), BenchmarkCategory("large")]
    public void LargeArrays() => RentAndReturnArrays(Block.LargeBytes);

    private void RentAndReturnArrays(int bytes)
    {
        for (var i = 0; i < _arrays.Length; i++)
            _arrays[i] = ArrayPool<byte>.Shared.Rent(bytes);
        foreach (var array in _arrays)
            ArrayPool<byte>.Shared.Return(array);
    }
}
