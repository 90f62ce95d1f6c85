using BenchmarkDotNet.Attributes;
using Muxado.Fast.Bench.Micro.Streams;
using Muxado.Fast.Framing;
using Muxado.Fast.Streams;

namespace Muxado.Fast.Bench.Micro.FlowControl;

/// <summary>
/// What does the tuning of its window cost a receiving stream, and how much credit traffic does it spare? A stream's whole life:
/// it is opened, takes and reads its frames, and ends, with a window that stays at 64 KiB or doubles up to 1 MiB.
/// </summary>
[MemoryDiagnoser]
public class WindowTuningBenchmarks
{
    private const int Frames = 1024;
    private const int MaxWindowBytes = 1024 * 1024;
    private const uint Id = 2;

    private readonly QuietHost _fixed = new(Wire.InitialWindowBytes);
    private readonly QuietHost _tuned = new(MaxWindowBytes);
    private readonly StreamCore _stream = new();
    private readonly byte[] _reader = new byte[Wire.MaxPayloadBytes];
    private byte[] _payload = [];

    [Params(1024, Wire.MaxPayloadBytes)]
    public int FrameBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _payload = new byte[FrameBytes];
        Verify.Equal((long)Frames * FrameBytes, FixedWindow());
        Verify.Equal(0, _fixed.LastGrowthBytes);
        Verify.Equal((long)Frames * FrameBytes, TunedWindow());
        Verify.Equal(MaxWindowBytes - Wire.InitialWindowBytes, _tuned.LastGrowthBytes);
        Verify.That(_tuned.Grants < _fixed.Grants / 2);
        Verify.That(_fixed.GrantedBytes <= (long)Frames * FrameBytes);
        Verify.Equal(1, _fixed.Recycled);
    }

    [GlobalCleanup]
    public void Cleanup() => Verify.Equal(0, _fixed.Blocks.Outstanding + _tuned.Blocks.Outstanding);

    [Benchmark(Baseline = true, OperationsPerInvoke = Frames)]
    public long FixedWindow() => Live(_fixed);

    [Benchmark(OperationsPerInvoke = Frames)]
    public long TunedWindow() => Live(_tuned);

    private long Live(QuietHost host)
    {
        host.ForgetGrants();
        _stream.Open(host, Id, priority: 0, streamType: 0, StreamState.Inbound);
        var generation = _stream.Generation;
        long read = 0;
        for (var i = 1; i <= Frames; i++)
        {
            _stream.OnData(host, Id, _payload, FrameBytes, offset: 0, fin: i == Frames);
            if (_stream.TryRead(generation, _reader, out var count))
                read += count;
        }

        _stream.Release(generation);
        return read;
    }
}
