using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Muxado.Fast.Framing;

namespace Muxado.Fast.Bench.Micro.Framing;

/// <summary>What does it cost to write and to read a frame header, and what do the codec's unchecked loads and stores save?</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class FrameHeaderBenchmarks
{
    private const int Headers = 1024;

    private readonly byte[] _bytes = new byte[Headers * Wire.HeaderBytes];

    [GlobalSetup]
    public void Setup()
    {
        WritePlain();
        var plain = _bytes.AsSpan().ToArray();
        WriteDataHeaders();
        Verify.That(_bytes.AsSpan().SequenceEqual(plain));
        Verify.Equal(ReadPlain(), ReadDataHeaders());
        Verify.Equal(Enumerable.Range(0, Headers).Sum(i => i + ((2 * i) + 3) + (int)FrameType.Data + (i & 1)), ReadDataHeaders());
    }

    [Benchmark(OperationsPerInvoke = Headers), BenchmarkCategory("write")]
    public void WriteDataHeaders()
    {
        for (var i = 0; i < Headers; i++)
            FrameEncoder.WriteDataHeader(_bytes.AsSpan(i * Wire.HeaderBytes), (uint)((2 * i) + 3), i, fin: (i & 1) != 0);
    }

    /// <summary>The same eight bytes by checked stores: what the codec's unchecked ones are held against.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Headers), BenchmarkCategory("write")]
    public void WritePlain()
    {
        for (var i = 0; i < Headers; i++)
        {
            var bits = ((ulong)i << 48) | ((ulong)(i & 1) << 40) | (3UL << 32) | (uint)((2 * i) + 3);
            BinaryPrimitives.WriteUInt64BigEndian(_bytes.AsSpan(i * Wire.HeaderBytes), bits);
        }
    }

    /// <summary>The same fields by checked loads.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Headers), BenchmarkCategory("read")]
    public long ReadPlain()
    {
        long sum = 0;
        for (var i = 0; i < Headers; i++)
        {
            var bits = BinaryPrimitives.ReadUInt64BigEndian(_bytes.AsSpan(i * Wire.HeaderBytes));
            sum += ((int)(bits >> 48) & 0x3FFF) + ((uint)bits & 0x7FFFFFFF) + (long)((bits >> 32) & 0x1F) + (((bits >> 40) & 1) != 0 ? 1 : 0);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Headers), BenchmarkCategory("read")]
    public long ReadDataHeaders()
    {
        long sum = 0;
        for (var i = 0; i < Headers; i++)
        {
            var header = FrameHeader.Read(_bytes.AsSpan(i * Wire.HeaderBytes));
            sum += header.PayloadBytes + header.StreamId + (long)header.Type + (header.IsFin ? 1 : 0);
        }

        return sum;
    }
}
