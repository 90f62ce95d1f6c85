using BenchmarkDotNet.Attributes;

namespace Muxado.Fast.Bench.Micro.Sessions;

/// <summary>
/// What does a write cost from the caller to the transport, when the network costs nothing: through the handle, through the stream,
/// and over a transport that can borrow no memory? The baseline copies the payload once.
/// </summary>
[MemoryDiagnoser]
public class WritePathBenchmarks
{
    private const int Writes = 16;

    // Long before the 2 GiB of window are used up.
    private const long RegrantBytes = 1 << 30;

    private readonly Lane _gathering = new(canSendWithoutCopy: true);
    private readonly Lane _copying = new(canSendWithoutCopy: false);
    private byte[] _payload = [];
    private byte[] _copy = [];

    [Params(64, 1024, 16 * 1024, 64 * 1024)]
    public int PayloadBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _payload = new byte[PayloadBytes];
        _copy = new byte[PayloadBytes];
        new Random(PayloadBytes).NextBytes(_payload);
        VerifySent(_gathering, WriteHandle);
        VerifySent(_gathering, WriteStream);
        VerifySent(_copying, WriteHandleCopying);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        VerifySent(_gathering, WriteHandle);
        VerifySent(_copying, WriteHandleCopying);
        _gathering.Peer.Session.Abort();
        _copying.Peer.Session.Abort();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Writes)]
    public int CopyOnce()
    {
        for (var i = 0; i < Writes; i++)
            _payload.AsSpan().CopyTo(_copy);
        return Writes * PayloadBytes;
    }

    [Benchmark(OperationsPerInvoke = Writes)]
    public int WriteHandle() => WriteTo(_gathering);

    [Benchmark(OperationsPerInvoke = Writes)]
    public int WriteStream()
    {
        for (var i = 0; i < Writes; i++)
            Synchronously.Take(_gathering.Stream.WriteAsync(_payload));
        return _gathering.Spend(Writes * PayloadBytes);
    }

    /// <summary>As over TLS, or any other <see cref="System.IO.Stream"/>.</summary>
    [Benchmark(OperationsPerInvoke = Writes)]
    public int WriteHandleCopying() => WriteTo(_copying);

    private int WriteTo(Lane lane)
    {
        for (var i = 0; i < Writes; i++)
            Synchronously.Take(lane.Handle.WriteAsync(_payload));
        return lane.Spend(Writes * PayloadBytes);
    }

    private void VerifySent(Lane lane, Func<int> write)
    {
        var sent = lane.Peer.Record(() => Verify.Equal(Writes * PayloadBytes, write()));
        var payload = sent.Payload;
        Verify.Equal(Writes * PayloadBytes, payload.Length);
        for (; !payload.IsEmpty; payload = payload[PayloadBytes..])
            Verify.That(payload[..PayloadBytes].SequenceEqual(_payload));
    }

    /// <summary>One stream that is written to, with credit that never runs out.</summary>
    private sealed class Lane
    {
        private long _spentBytes;

        public Lane(bool canSendWithoutCopy)
        {
            Peer = new PreparedPeer(isClient: true, canSendWithoutCopy);
            Stream = Peer.Session.OpenStream();
            Handle = Stream.Handle;
            Peer.GrantMaximum(Handle.Id);
        }

        public PreparedPeer Peer { get; }

        public MuxadoStream Stream { get; }

        public MuxadoStreamHandle Handle { get; }

        public int Spend(int bytes)
        {
            _spentBytes += bytes;
            if (_spentBytes >= RegrantBytes)
            {
                Peer.Grant(Handle.Id, (uint)_spentBytes);
                _spentBytes = 0;
            }

            return bytes;
        }
    }
}
