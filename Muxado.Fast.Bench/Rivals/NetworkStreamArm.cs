using System.Net;
using System.Net.Sockets;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>A standing TCP connection for each loop, used through <see cref="NetworkStream"/>: what a user would write.</summary>
internal sealed class NetworkStreamArm(ArmServerAddress server) : Arm(server)
{
    public const string Name = "network-stream";

    public static ArmEntry Entry { get; } = new DotNetEntry(
        Name,
        "NetworkStream (R2)",
        () => SocketServer.OfStreams(socket => new(new NetworkStream(socket, ownsSocket: true))),
        server => new NetworkStreamArm(server));

    public override bool KeepsStreams => true;

    public override bool Multiplexes => false;

    public override async ValueTask<IExchangeLane> OpenLaneAsync() => new StandingLane(await OpenStreamAsync(Server.Echo));

    public override async ValueTask<Stream> OpenStreamAsync(IPEndPoint service) =>
        new NetworkStream(await LoopbackSocket.ConnectAsync(service), ownsSocket: true);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
