using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using Muxado.Fast.Framing;

namespace Muxado.Fast.Bench.Micro.Framing;

/// <summary>What it costs to write and to read a frame header.</summary>
[MemoryDiagnoser]
public class FrameHeaderBenchmarks
{
    private const int Headers = 1024;

    private readonly byte[] _bytes = new byte[Headers * Wire.HeaderBytes];

    [GlobalSetup]
    public void Setup() => WriteDataHeaders();

    [Benchmark(OperationsPerInvoke = Headers)]
    public void WriteDataHeaders()
    {
        for (var i = 0; i < Headers; i++)
            FrameEncoder.WriteDataHeader(_bytes.AsSpan(i * Wire.HeaderBytes), (uint)((2 * i) + 3), i, fin: (i & 1) != 0);
    }

    /// <summary>The same eight bytes by checked stores: what the codec's unchecked ones are held against.</summary>
    [Benchmark(OperationsPerInvoke = Headers)]
    public void WritePlain()
    {
        for (var i = 0; i < Headers; i++)
        {
            var bits = ((ulong)i << 48) | ((ulong)(i & 1) << 40) | (3UL << 32) | (uint)((2 * i) + 3);
            BinaryPrimitives.WriteUInt64BigEndian(_bytes.AsSpan(i * Wire.HeaderBytes), bits);
        }
    }

    [Benchmark(OperationsPerInvoke = Headers)]
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

    [Benchmark(OperationsPerInvoke = Headers)]
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
