using BenchmarkDotNet.Attributes;
using Muxado.Fast.Buffers;
using Muxado.Fast.Framing;

namespace Muxado.Fast.Bench.Micro.Buffers;

/// <summary>
/// What does a small frame cost that goes into a batch among many, up to what the session's output gathers? The baseline writes the
/// same frames into one long array, which no session could keep at hand.
/// </summary>
[MemoryDiagnoser]
public class SmallFramesBenchmarks
{
    private const int Frames = 128;

    private readonly BlockPool _pool = new();
    private readonly SendBatch _batch;
    private byte[] _payload = [];
    private byte[] _array = [];

    public SmallFramesBenchmarks() => _batch = new SendBatch(_pool);

    [Params(0, 64, 248)]
    public int PayloadBytes { get; set; }

    private int FrameBytes => Wire.HeaderBytes + PayloadBytes;

    [GlobalSetup]
    public void Setup()
    {
        _payload = new byte[PayloadBytes];
        _array = new byte[Frames * FrameBytes];
        Verify.Equal(Frames * FrameBytes, OneArray());
        Verify.Equal(Frames * FrameBytes, Batch());
    }

    [GlobalCleanup]
    public void Cleanup() => Verify.Equal(0, _pool.Outstanding);

    [Benchmark(Baseline = true, OperationsPerInvoke = Frames)]
    public int OneArray()
    {
        var end = 0;
        for (var i = 0; i < Frames; i++)
        {
            WriteFrame(_array.AsSpan(end, FrameBytes));
            end += FrameBytes;
        }

        return end;
    }

    [Benchmark(OperationsPerInvoke = Frames)]
    public int Batch()
    {
        for (var i = 0; i < Frames; i++)
            WriteFrame(_batch.Reserve(FrameBytes));
        var bytes = _batch.TotalBytes;
        _batch.Consume(bytes);
        return bytes;
    }

    private void WriteFrame(Span<byte> frame)
    {
        FrameEncoder.WriteDataHeader(frame, id: 3, PayloadBytes, fin: false);
        _payload.CopyTo(frame[Wire.HeaderBytes..]);
    }
}
