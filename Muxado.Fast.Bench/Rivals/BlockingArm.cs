using System.Net;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>A standing TCP connection for each loop, driven by blocking calls from a thread of its own at both ends.</summary>
internal sealed class BlockingArm(ArmServerAddress server) : Arm(server)
{
    public const string Name = "blocking";

    public static ArmEntry Entry { get; } = new DotNetEntry(
        Name,
        "blocking sockets (R0)",
        () => SocketServer.OfStreams(socket => new(new BlockingStream(socket))),
        server => new BlockingArm(server));

    public override bool KeepsStreams => true;

    public override bool Multiplexes => false;

    public override async ValueTask<IExchangeLane> OpenLaneAsync() => new StandingLane(await OpenStreamAsync(Server.Echo));

    public override ValueTask<Stream> OpenStreamAsync(IPEndPoint service)
    {
        // A socket that was once used asynchronously stays non-blocking underneath: connect it the blocking way too.
        var socket = LoopbackSocket.Create();
        try
        {
            socket.Connect(service);
            return new(new BlockingStream(socket));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
