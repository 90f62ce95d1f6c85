using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using Muxado.Fast.Bench.Echo;
using Muxado.Fast.Bench.Rivals;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Micro.Transport;

/// <summary>
/// How long do 64 B take there and back over loopback, both ends in this process: by a stream of a session, as a handle and as a
/// stream, by a standing connection's <see cref="NetworkStream"/>, and by blocking sockets?
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The cleanup disposes what a setup has made.")]
[MemoryDiagnoser]
public class SocketEchoBenchmarks
{
    private const int PayloadBytes = 64;

    // Many for each invocation, so that waiting for the last of them on the benchmark's own thread weighs little.
    private const int Exchanges = 64;

    private readonly byte[] _reply = new byte[PayloadBytes];
    private readonly EchoSessions _echoSessions = new();
    private Socket _client = null!;
    private Socket _server = null!;
    private Stream _stream = null!;
    private MuxadoSession? _session;
    private Task _echoing = Task.CompletedTask;
    private long _number;

    [GlobalSetup(Target = nameof(BlockingSockets))]
    public void SetUpBlockingSockets()
    {
        Connect();
        _echoing = Task.Factory.StartNew(EchoBlocking, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Verify.Equal(Exchanges * PayloadBytes, BlockingSockets());
    }

    [GlobalSetup(Target = nameof(NetworkStreams))]
    public async Task SetUpNetworkStreamsAsync()
    {
        Connect();
        _stream = new NetworkStream(_client);
        _echoing = EchoAsync(new NetworkStream(_server));
        Verify.Equal(Exchanges * PayloadBytes, await NetworkStreams());
    }

    [GlobalSetup(Targets = [nameof(MuxadoHandles), nameof(MuxadoStreams)])]
    public async Task SetUpSessionsAsync()
    {
        Connect();
        _echoSessions.Add(MuxadoSession.CreateServer(_server));
        _session = MuxadoSession.CreateClient(_client);
        _stream = _session.OpenStream();
        Verify.Equal(Exchanges * PayloadBytes, await MuxadoHandles());
        Verify.Equal(Exchanges * PayloadBytes, await MuxadoStreams());
    }

    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        if (_session is not null)
            await _session.DisposeAsync();
        await _echoSessions.DrainAsync(TimeSpan.FromSeconds(5));
        _client.Dispose();
        await _echoing;
        _server.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Exchanges)]
    public int BlockingSockets()
    {
        var total = 0;
        for (var i = 0; i < Exchanges; i++)
        {
            _client.Send(NextRequest().Span);
            var count = 0;
            while (count < PayloadBytes)
                count += EnsureOpen(_client.Receive(_reply.AsSpan(count)));
            total += CheckReply();
        }

        return total;
    }

    [Benchmark(OperationsPerInvoke = Exchanges)]
    public ValueTask<int> NetworkStreams() => ExchangeAsync(_stream);

    [Benchmark(OperationsPerInvoke = Exchanges)]
    public ValueTask<int> MuxadoHandles() => ExchangeAsync(((MuxadoStream)_stream).Handle);

    [Benchmark(OperationsPerInvoke = Exchanges)]
    public ValueTask<int> MuxadoStreams() => ExchangeAsync(_stream);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ExchangeAsync(Stream stream)
    {
        var total = 0;
        for (var i = 0; i < Exchanges; i++)
        {
            await stream.WriteAsync(NextRequest());
            var count = 0;
            while (count < PayloadBytes)
                count += EnsureOpen(await stream.ReadAsync(_reply.AsMemory(count)));
            total += CheckReply();
        }

        return total;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ExchangeAsync(MuxadoStreamHandle stream)
    {
        var total = 0;
        for (var i = 0; i < Exchanges; i++)
        {
            await stream.WriteAsync(NextRequest());
            var count = 0;
            while (count < PayloadBytes)
                count += EnsureOpen(await stream.ReadAsync(_reply.AsMemory(count)));
            total += CheckReply();
        }

        return total;
    }

    private ReadOnlyMemory<byte> NextRequest() => Payload.Piece(++_number, 0, PayloadBytes);

    private static int EnsureOpen(int count) =>
        count != 0 ? count : throw new EndOfStreamException("The echo ended in the middle of a reply.");

    private int CheckReply() => Payload.Matches(_reply, _number, 0)
        ? PayloadBytes
        : throw new InvalidDataException($"exchange {_number}: not the bytes that were sent came back");

    // Synchronously: the first asynchronous call makes a socket non-blocking for good, and blocking calls on it are then imitated.
    private void Connect()
    {
        using var listener = LoopbackSocket.Create();
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _client = LoopbackSocket.Create();
        _client.Connect(listener.LocalEndPoint!);
        _server = listener.Accept();
        _server.NoDelay = true;
    }

    private void EchoBlocking()
    {
        var buffer = new byte[PayloadBytes];
        int count;
        while ((count = _server.Receive(buffer)) != 0)
            _server.Send(buffer.AsSpan(0, count));
    }

    private static async Task EchoAsync(NetworkStream stream)
    {
        await using (stream)
        {
            var buffer = new byte[PayloadBytes];
            int count;
            while ((count = await stream.ReadAsync(buffer)) != 0)
                await stream.WriteAsync(buffer.AsMemory(0, count));
        }
    }
}
