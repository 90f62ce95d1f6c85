using System.Net;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>A standing TCP connection for each loop, used through the engine's transport: the floor of what a session on it could do.</summary>
internal sealed class PumpArm(ArmServerAddress server) : Arm(server)
{
    public const string Name = "pump";

    public static ArmEntry Entry { get; } = new DotNetEntry(
        Name,
        "raw socket pump (R1)",
        () => SocketServer.OfStreams(socket => new(new PumpStream(socket))),
        server => new PumpArm(server));

    public override bool KeepsStreams => true;

    public override bool Multiplexes => false;

    public override async ValueTask<IExchangeLane> OpenLaneAsync() => new StandingLane(await OpenStreamAsync(Server.Echo));

    public override async ValueTask<Stream> OpenStreamAsync(IPEndPoint service) =>
        new PumpStream(await LoopbackSocket.ConnectAsync(service));

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
