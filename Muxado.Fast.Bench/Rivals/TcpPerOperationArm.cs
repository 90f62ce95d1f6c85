using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>One TCP connection for each operation.</summary>
/// <remarks>
/// The client closes first, in order, and so keeps the TIME_WAIT: the server never sees a reset, which would cost it an exception
/// per operation. At 10,000 connections a second one destination's ports last for 3 s of the minute that TIME_WAIT takes, so
/// connections go round the loopback addresses that the server listens on.
/// </remarks>
internal sealed class TcpPerOperationArm(ArmServerAddress server) : Arm(server)
{
    public const string Name = "tcp-per-operation";

    private int _next;

    public override bool KeepsStreams => false;

    public override bool Multiplexes => false;

    public override ValueTask<IExchangeLane> OpenLaneAsync() => new(new Lane(this));

    public override async ValueTask<Stream> OpenStreamAsync(IPEndPoint service) => new NetworkStream(await ConnectAsync(service.Port), ownsSocket: true);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ValueTask<Socket> ConnectAsync(int port)
    {
        var address = LoopbackAddresses.Get((int)((uint)Interlocked.Increment(ref _next) % Server.Addresses));
        return LoopbackSocket.ConnectAsync(new IPEndPoint(address, port));
    }

    private sealed class Lane(TcpPerOperationArm arm) : IExchangeLane
    {
        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        public async ValueTask<int> ExchangeAsync(ReadOnlyMemory<byte> request, Memory<byte> reply)
        {
            using var socket = await arm.ConnectAsync(arm.Server.EchoPort);
            await socket.SendAsync(request);
            var total = 0;
            int count;
            while (total < request.Length && (count = await socket.ReceiveAsync(reply[total..])) != 0)
                total += count;
            return total;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
