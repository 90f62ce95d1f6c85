using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Muxado.Fast.Buffers;
using Muxado.Fast.Framing;

namespace Muxado.Fast.Bench.Micro.Buffers;

/// <summary>
/// From which payload on is it cheaper to borrow the writer's memory than to copy it into the batch? Alone, and with the system call,
/// which pins every segment and builds a vector of them; the engine's answer is <c>StreamCore.SmallWriteBytes</c>.
/// </summary>
/// <remarks>
/// The batch is sent as a datagram to a socket that nobody reads: the kernel does its part, and no second thread takes part.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The cleanup disposes the sockets.")]
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class SendBatchBenchmarks
{
    // As many as a batch can borrow: each takes two segments, and one is kept to close with.
    private const int Frames = 3;

    private readonly BlockPool _pool = new();
    private readonly SendBatch _batch;
    private Socket _receiver = null!;
    private Socket _sender = null!;
    private byte[] _payload = [];

    public SendBatchBenchmarks() => _batch = new SendBatch(_pool);

    [Params(256, 1024, 2048, 4096, 8192, Wire.MaxPayloadBytes)]
    public int PayloadBytes { get; set; }

    private int BatchBytes => Frames * (Wire.HeaderBytes + PayloadBytes);

    [GlobalSetup]
    public void Setup()
    {
        _payload = new byte[PayloadBytes];
        _receiver = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        _receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { SendBufferSize = 1024 * 1024 };
        _sender.Connect(_receiver.LocalEndPoint!);

        CopyAll();
        var copied = BytesInBatch();
        BorrowAll();
        Verify.Equal(2 * Frames, _batch.Count);
        Verify.That(BytesInBatch().AsSpan().SequenceEqual(copied));
        Verify.Equal(BatchBytes, Copy());
        Verify.Equal(BatchBytes, Borrow());
        Verify.Equal(BatchBytes, CopyAndSend());
        Verify.Equal(BatchBytes, BorrowAndSend());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        Verify.Equal(0, _pool.Outstanding);
        _sender.Dispose();
        _receiver.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Frames), BenchmarkCategory("batch alone")]
    public int Copy()
    {
        CopyAll();
        return Drop();
    }

    [Benchmark(OperationsPerInvoke = Frames), BenchmarkCategory("batch alone")]
    public int Borrow()
    {
        BorrowAll();
        return Drop();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Frames), BenchmarkCategory("with the system call")]
    public int CopyAndSend()
    {
        CopyAll();
        return Send();
    }

    [Benchmark(OperationsPerInvoke = Frames), BenchmarkCategory("with the system call")]
    public int BorrowAndSend()
    {
        BorrowAll();
        return Send();
    }

    private void CopyAll()
    {
        for (var i = 0; i < Frames; i++)
        {
            var frame = _batch.Reserve(Wire.HeaderBytes + PayloadBytes);
            FrameEncoder.WriteDataHeader(frame, id: 3, PayloadBytes, fin: false);
            _payload.CopyTo(frame[Wire.HeaderBytes..]);
        }
    }

    private void BorrowAll()
    {
        for (var i = 0; i < Frames && _batch.FitsSegments(Wire.HeaderBytes, borrowed: 1); i++)
        {
            FrameEncoder.WriteDataHeader(_batch.Reserve(Wire.HeaderBytes), id: 3, PayloadBytes, fin: false);
            _batch.Borrow(_payload);
        }
    }

    private int Drop()
    {
        var bytes = _batch.TotalBytes;
        _batch.Consume(bytes);
        return bytes;
    }

    // One segment is sent as a span and several as a list, as the session's output does.
    private int Send()
    {
        var sent = _batch.Count == 1 ? _sender.Send(_batch.First.Span) : _sender.Send(_batch);
        _batch.Consume(sent);
        return sent;
    }

    private byte[] BytesInBatch()
    {
        var bytes = new List<byte>();
        while (!_batch.IsEmpty)
        {
            bytes.AddRange(_batch.First.Span);
            _batch.Consume(_batch.First.Length);
        }

        return [.. bytes];
    }
}
