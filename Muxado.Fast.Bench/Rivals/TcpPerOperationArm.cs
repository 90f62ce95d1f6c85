using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>One TCP connection for each operation.</summary>
internal sealed class TcpPerOperationArm(ArmServerAddress server) : Arm(server)
{
    public const string Name = "tcp-per-operation";

    private readonly LoopbackRotation _rotation = new(server);

    public static ArmEntry Entry { get; } = new DotNetEntry(
        Name,
        "TCP connection per operation",
        () => SocketServer.OfStreams(socket => new(new NetworkStream(socket, ownsSocket: true))),
        server => new TcpPerOperationArm(server));

    public override bool KeepsStreams => false;

    public override bool Multiplexes => false;

    public override ValueTask<IExchangeLane> OpenLaneAsync() => new(new Lane(this));

    public override async ValueTask<Stream> OpenStreamAsync(IPEndPoint service) =>
        new NetworkStream(await _rotation.ConnectAsync(service.Port), ownsSocket: true);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Lane(TcpPerOperationArm arm) : IExchangeLane
    {
        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        public async ValueTask<int> ExchangeAsync(ReadOnlyMemory<byte> request, Memory<byte> reply)
        {
            using var socket = await arm._rotation.ConnectAsync(arm.Server.EchoPort);
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
