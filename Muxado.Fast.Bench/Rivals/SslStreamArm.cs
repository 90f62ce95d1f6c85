using System.Net;
using System.Net.Security;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>A standing TCP connection with TLS for each loop, used through <see cref="SslStream"/>.</summary>
internal sealed class SslStreamArm(ArmServerAddress server) : Arm(server)
{
    public const string Name = "ssl-stream";

    private readonly TlsClient _tls = new(server);

    public static ArmEntry Entry { get; } = new DotNetEntry(
        Name, "SslStream (R2 over TLS)", StartServer, server => new SslStreamArm(server));

    public override bool KeepsStreams => true;

    public override bool Multiplexes => false;

    /// <summary>A server whose connections are one stream over TLS each.</summary>
    public static ArmServer StartServer()
    {
        var tls = new TlsServer();
        return SocketServer.OfStreams(tls.AuthenticateAsync, tls.CertificateSha256);
    }

    public override async ValueTask<IExchangeLane> OpenLaneAsync() => new StandingLane(await OpenStreamAsync(Server.Echo));

    public override async ValueTask<Stream> OpenStreamAsync(IPEndPoint service) =>
        await _tls.AuthenticateAsync(await LoopbackSocket.ConnectAsync(service));

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
