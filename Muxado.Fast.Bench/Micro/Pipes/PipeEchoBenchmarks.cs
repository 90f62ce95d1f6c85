using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using Muxado.Fast.Bench.Rivals;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Micro.Pipes;

/// <summary>
/// How long does a message take there and back through pipes, both ends in this process: a stream's own pipe, the framework's pipe
/// around the same stream, and the framework's pipe around a standing connection?
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The cleanup disposes what a setup has made.")]
[MemoryDiagnoser]
public class PipeEchoBenchmarks
{
    // Many for each invocation, so that waiting for the last of them on the benchmark's own thread weighs little.
    private const int Exchanges = 16;

    private readonly List<IAsyncDisposable> _owned = [];
    private IDuplexPipe _client = null!;
    private Task _echoing = Task.CompletedTask;
    private long _number;

    [Params(64, 64 * 1024)]
    public int MessageBytes { get; set; }

    [GlobalSetup(Target = nameof(NetworkStreamPipe))]
    public async Task SetUpNetworkStreamsAsync()
    {
        var (client, server) = Connect();
        await StartAsync(Wrap(new NetworkStream(client, ownsSocket: true)), Wrap(new NetworkStream(server, ownsSocket: true)));
    }

    [GlobalSetup(Target = nameof(WrappedStreamPipe))]
    public async Task SetUpWrappedStreamsAsync()
    {
        var (opened, accepted) = await OpenAsync();
        await StartAsync(Wrap(opened), Wrap(accepted));
    }

    [GlobalSetup(Target = nameof(OwnPipe))]
    public async Task SetUpOwnPipesAsync()
    {
        var (opened, accepted) = await OpenAsync();
        await StartAsync(opened.AsDuplexPipe(), accepted.AsDuplexPipe());
    }

    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        await _client.Output.CompleteAsync();
        await _echoing;
        await _client.Input.CompleteAsync();
        foreach (var owned in _owned)
            await owned.DisposeAsync();
        _owned.Clear();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Exchanges)]
    public ValueTask<long> NetworkStreamPipe() => ExchangeAsync();

    [Benchmark(OperationsPerInvoke = Exchanges)]
    public ValueTask<long> WrappedStreamPipe() => ExchangeAsync();

    [Benchmark(OperationsPerInvoke = Exchanges)]
    public ValueTask<long> OwnPipe() => ExchangeAsync();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<long> ExchangeAsync()
    {
        long total = 0;
        for (var i = 0; i < Exchanges; i++)
        {
            Write(++_number);
            await _client.Output.FlushAsync();
            var reply = await _client.Input.ReadAtLeastAsync(MessageBytes);
            total += Check(reply.Buffer, _number);
            _client.Input.AdvanceTo(reply.Buffer.End);
        }

        return total;
    }

    private async Task StartAsync(IDuplexPipe client, IDuplexPipe server)
    {
        _client = client;
        _echoing = EchoAsync(server);
        Verify.Equal(Exchanges * MessageBytes, await ExchangeAsync());
    }

    private void Write(long number)
    {
        for (var at = 0; at < MessageBytes;)
        {
            var room = _client.Output.GetMemory();
            var count = Math.Min(room.Length, MessageBytes - at);
            Payload.Piece(number, at, count).CopyTo(room);
            _client.Output.Advance(count);
            at += count;
        }
    }

    private static long Check(ReadOnlySequence<byte> reply, long number)
    {
        long at = 0;
        foreach (var piece in reply)
        {
            Verify.That(Payload.Matches(piece.Span, number, at));
            at += piece.Length;
        }

        return at;
    }

    private static async Task EchoAsync(IDuplexPipe pipe)
    {
        while (true)
        {
            var request = await pipe.Input.ReadAsync();
            foreach (var piece in request.Buffer)
                pipe.Output.Write(piece.Span);
            pipe.Input.AdvanceTo(request.Buffer.End);
            if (request.IsCompleted)
                break;
            await pipe.Output.FlushAsync();
        }

        await pipe.Output.CompleteAsync();
        await pipe.Input.CompleteAsync();
    }

    private async Task<(MuxadoStream Opened, MuxadoStream Accepted)> OpenAsync()
    {
        var (client, server) = Connect();
        var clientSession = MuxadoSession.CreateClient(client);
        var serverSession = MuxadoSession.CreateServer(server);
        _owned.AddRange([clientSession, serverSession]);
        var opened = clientSession.OpenStream();
        await opened.WriteAsync(new byte[1]);
        var accepted = await serverSession.AcceptStreamAsync();
        await accepted.ReadExactlyAsync(new byte[1]);
        return (opened, accepted);
    }

    private static (Socket Client, Socket Server) Connect()
    {
        using var listener = LoopbackSocket.Create();
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = LoopbackSocket.Create();
        client.Connect(listener.LocalEndPoint!);
        var server = listener.Accept();
        server.NoDelay = true;
        return (client, server);
    }

    private static DuplexPipe Wrap(Stream stream) => new(PipeReader.Create(stream), PipeWriter.Create(stream));

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
