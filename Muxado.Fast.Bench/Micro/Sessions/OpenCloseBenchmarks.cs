using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Muxado.Fast.Framing;

namespace Muxado.Fast.Bench.Micro.Sessions;

/// <summary>
/// What does a short stream's whole life cost on one side, when the network costs nothing: opened, 64 B each way, both ends, and
/// disposed, as a handle and as a stream, alone and beside many that are idle?
/// </summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class OpenCloseBenchmarks
{
    private const int PayloadBytes = ShortLife.PayloadBytes;
    private const int FrameBytes = Wire.HeaderBytes + PayloadBytes;

    private readonly PreparedPeer _peer = new(isClient: true);
    private readonly byte[] _request = new byte[PayloadBytes];
    private readonly byte[] _buffer = new byte[2 * PayloadBytes];
    private readonly byte[] _opening = new byte[Wire.HeaderBytes + FrameBytes];
    private ShortLife _life = null!;
    private uint _nextPeerId = Wire.FirstServerStreamId;

    [Params(0, 10_000)]
    public int IdleStreams { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _life = new ShortLife(_peer);
        for (var i = 0; i < IdleStreams; i++)
            _peer.Session.OpenHandle();
        VerifyLife(HandleOpenedHere, syns: 1);
        VerifyLife(StreamOpenedHere, syns: 1);
        VerifyLife(HandleOpenedByPeer, syns: 0);
        VerifyLife(StreamOpenedByPeer, syns: 0);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        Verify.Equal(IdleStreams, _peer.Session.ActiveStreams);
        _peer.Session.Abort();
    }

    [Benchmark(Baseline = true), BenchmarkCategory("opened here")]
    public int HandleOpenedHere() => _life.Live(_peer.Session.OpenHandle());

    [Benchmark, BenchmarkCategory("opened here")]
    public int StreamOpenedHere()
    {
        using var stream = _peer.Session.OpenStream();
        return _life.Live(stream.Handle);
    }

    [Benchmark(Baseline = true), BenchmarkCategory("opened by the peer")]
    public int HandleOpenedByPeer()
    {
        FeedOpening();
        var stream = Synchronously.Take(_peer.Session.AcceptHandleAsync());
        var count = ReadToEnd(stream);
        Synchronously.Take(stream.WriteAsync(_request, completeWrites: true));
        stream.Dispose();
        return count;
    }

    [Benchmark, BenchmarkCategory("opened by the peer")]
    public int StreamOpenedByPeer()
    {
        FeedOpening();
        using var stream = Synchronously.Take(_peer.Session.AcceptStreamAsync());
        var count = ReadToEnd(stream.Handle);
        Synchronously.Take(stream.WriteAsync(_request, completeWrites: true));
        return count;
    }

    private int ReadToEnd(MuxadoStreamHandle stream)
    {
        var total = 0;
        int count;
        while ((count = Synchronously.Take(stream.ReadAsync(_buffer))) != 0)
            total += count;
        return total;
    }

    private void FeedOpening()
    {
        FrameEncoder.WriteSyn(_opening, _nextPeerId, priority: 0, streamType: 0);
        FrameEncoder.WriteDataHeader(_opening.AsSpan(Wire.HeaderBytes), _nextPeerId, PayloadBytes, fin: true);
        _nextPeerId += 2;
        _peer.Transport.Feed(_opening);
    }

    // The idle streams' openings may still be on their way: they leave first, with a stream that is not counted.
    private void VerifyLife(Func<int> live, int syns)
    {
        Verify.Equal(PayloadBytes, live());
        var sent = _peer.Record(() => Verify.Equal(PayloadBytes, live()));
        Verify.Equal(syns, sent.Syns);
        Verify.Equal(1, sent.Fins);
        Verify.Equal(PayloadBytes, sent.Payload.Length);
        Verify.Equal(IdleStreams, _peer.Session.ActiveStreams);
    }
}
