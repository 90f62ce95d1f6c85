using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>A standing TCP connection for each loop, used through <see cref="NetworkStream"/>: what a user would write.</summary>
internal sealed class NetworkStreamArm(ArmServerAddress server) : Arm(server)
{
    public const string Name = "network-stream";

    public override bool KeepsStreams => true;

    public override bool Multiplexes => false;

    public override async ValueTask<IExchangeLane> OpenLaneAsync() => new Lane(await OpenStreamAsync(Server.Echo));

    public override async ValueTask<Stream> OpenStreamAsync(IPEndPoint service) =>
        new NetworkStream(await LoopbackSocket.ConnectAsync(service), ownsSocket: true);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Lane(Stream stream) : IExchangeLane
    {
        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        public async ValueTask<int> ExchangeAsync(ReadOnlyMemory<byte> request, Memory<byte> reply)
        {
            await stream.WriteAsync(request);
            return await stream.ReadAtLeastAsync(reply, request.Length, throwOnEndOfStream: false);
        }

        public ValueTask DisposeAsync() => stream.DisposeAsync();
    }
}
