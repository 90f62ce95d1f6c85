using BenchmarkDotNet.Attributes;
using Muxado.Fast.Framing;

namespace Muxado.Fast.Bench.Micro.Sessions;

/// <summary>
/// What does it cost to bring received bytes to a reader, when the network costs nothing: one that waits for them, and one that
/// comes later and finds them in blocks? The baseline copies the payload once, as the transport does too.
/// </summary>
[MemoryDiagnoser]
public class ReadPathBenchmarks
{
    private const int WarmUpFrames = 512;
    private const int WarmUpFrameBytes = 1024;

    private readonly PreparedPeer _peer = new(isClient: true);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly MuxadoStream _stream;
    private readonly MuxadoStreamHandle _handle;
    private byte[] _payload = [];
    private byte[] _frames = [];

    public ReadPathBenchmarks()
    {
        _stream = _peer.Session.OpenStream();
        _handle = _stream.Handle;
    }

    [Params(64, 1024, 16 * 1024, 64 * 1024)]
    public int PayloadBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        GrowWindow();
        _payload = new byte[PayloadBytes];
        new Random(PayloadBytes).NextBytes(_payload);
        _frames = PreparedPeer.DataFrames(_handle.Id, _payload);
        VerifyReceived(WaitingHandle);
        VerifyReceived(WaitingStream);
        VerifyReceived(LateHandle);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        VerifyReceived(WaitingHandle);
        _peer.Session.Abort();
    }

    [Benchmark(Baseline = true)]
    public int CopyOnce()
    {
        _payload.AsSpan().CopyTo(_buffer);
        return PayloadBytes;
    }

    [Benchmark]
    public int WaitingHandle()
    {
        var first = _handle.ReadAsync(_buffer);
        _peer.Transport.Feed(_frames);
        return ReadRest(Synchronously.Take(first));
    }

    [Benchmark]
    public int WaitingStream()
    {
        var first = _stream.ReadAsync(_buffer);
        _peer.Transport.Feed(_frames);
        return ReadRest(Synchronously.Take(first));
    }

    [Benchmark]
    public int LateHandle()
    {
        _peer.Transport.Feed(_frames);
        return ReadRest(0);
    }

    private int ReadRest(int count)
    {
        while (count < PayloadBytes)
            count += Synchronously.Take(_handle.ReadAsync(_buffer.AsMemory(count)));
        return count;
    }

    // A peer may only send what it was granted. Once the window has grown, what is read at once always leaves room for the next.
    private void GrowWindow()
    {
        var frame = PreparedPeer.DataFrames(_handle.Id, new byte[WarmUpFrameBytes]);
        var sent = _peer.Record(() =>
        {
            for (var i = 0; i < WarmUpFrames; i++)
            {
                _peer.Transport.Feed(frame);
                Verify.Equal(WarmUpFrameBytes, Synchronously.Take(_handle.ReadAsync(_buffer)));
            }
        });
        Verify.That(sent.CreditBytes >= (WarmUpFrames * WarmUpFrameBytes) + Wire.InitialWindowBytes);
    }

    private void VerifyReceived(Func<int> read)
    {
        _buffer.AsSpan().Clear();
        Verify.Equal(PayloadBytes, read());
        Verify.That(_buffer.AsSpan(0, PayloadBytes).SequenceEqual(_payload));
    }
}
