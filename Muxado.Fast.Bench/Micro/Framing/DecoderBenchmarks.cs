using BenchmarkDotNet.Attributes;
using Muxado.Fast.Framing;

namespace Muxado.Fast.Bench.Micro.Framing;

/// <summary>What does it cost to decode a DATA frame that arrives whole among others, or in pieces as Go sends it?</summary>
[MemoryDiagnoser]
public class DecoderBenchmarks
{
    private const int Frames = 256;

    private readonly FrameDecoder _decoder = new(strictGoAway: false);
    private readonly CountingHandler _handler = new();
    private byte[] _script = [];

    [Params(0, 64, 1024, Wire.MaxPayloadBytes)]
    public int PayloadBytes { get; set; }

    private int FrameBytes => Wire.HeaderBytes + PayloadBytes;

    [GlobalSetup]
    public void Setup()
    {
        _script = new byte[Frames * FrameBytes];
        for (var i = 0; i < Frames; i++)
            FrameEncoder.WriteDataHeader(_script.AsSpan(i * FrameBytes), id: 3, PayloadBytes, fin: false);
        var once = (long)Frames * PayloadBytes;
        Verify.Equal(once, WholeFrames());
        Verify.Equal(2 * once, HeaderThenPayload());
        Verify.Equal(2L * Frames * FrameBytes, _decoder.BytesDecoded);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Frames)]
    public long WholeFrames()
    {
        _decoder.Decode(_script, _handler);
        return _handler.Bytes;
    }

    [Benchmark(OperationsPerInvoke = Frames)]
    public long HeaderThenPayload()
    {
        for (var rest = _script.AsSpan(); !rest.IsEmpty; rest = rest[FrameBytes..])
        {
            _decoder.Decode(rest[..Wire.HeaderBytes], _handler);
            _decoder.Decode(rest[Wire.HeaderBytes..FrameBytes], _handler);
        }

        return _handler.Bytes;
    }

    private sealed class CountingHandler : IFrameHandler
    {
        public long Bytes { get; private set; }

        public bool OnData(uint id, ReadOnlySpan<byte> chunk, int payloadBytes, int offset, bool fin)
        {
            Bytes += chunk.Length;
            return true;
        }

        public bool OnSyn(uint id, uint priority, uint streamType, bool fin) => false;

        public bool OnRst(uint id, uint errorCode) => false;

        public bool OnWindowIncrement(uint id, uint credit) => false;

        public bool OnGoAway(uint lastId, uint errorCode) => false;

        public bool OnGoAwayDebug(ReadOnlySpan<byte> chunk) => false;

        public void OnViolation(MuxadoErrorCode code, string message) => throw new InvalidOperationException(message);
    }
}
