using System.Net;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>A standing TCP connection for each loop, used through the engine's transport: what a session on it could do at best.</summary>
internal sealed class PumpArm(ArmServerAddress server, bool polls) : Arm(server)
{
    public const string Name = "pump";

    /// <summary>The same, but it looks for input by itself before it leaves the wait to the system, which few who write to a socket do.</summary>
    public const string PollingName = "pump-polling";

    public static ArmEntry Entry { get; } = EntryOf(Name, "raw socket pump (R1)", polls: false);

    public static ArmEntry PollingEntry { get; } = EntryOf(PollingName, "raw socket pump that polls", polls: true);

    public override bool KeepsStreams => true;

    public override bool Multiplexes => false;

    public override async ValueTask<IExchangeLane> OpenLaneAsync() => new StandingLane(await OpenStreamAsync(Server.Echo));

    public override async ValueTask<Stream> OpenStreamAsync(IPEndPoint service) =>
        new PumpStream(await LoopbackSocket.ConnectAsync(service), polls);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static DotNetEntry EntryOf(string name, string title, bool polls) => new(
        name,
        title,
        () => SocketServer.OfStreams(socket => new(new PumpStream(socket, polls))),
        server => new PumpArm(server, polls));
}
