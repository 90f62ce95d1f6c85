namespace Muxado.Fast.Bench.Rivals;

/// <summary>Muxado.Fast over TLS: sessions on the same <see cref="System.Net.Security.SslStream"/> as its rival's.</summary>
internal static class MuxadoTlsArm
{
    public const string Name = "muxado-tls";

    public static ArmEntry Entry { get; } = new DotNetEntry(Name, "Muxado.Fast over TLS", StartServer, CreateClient);

    private static ArmServer StartServer()
    {
        var tls = new TlsServer();
        return MuxadoServer.Start(
            async (socket, options) => MuxadoSession.CreateServer(await tls.AuthenticateAsync(socket), options), tls.CertificateSha256);
    }

    private static MuxadoArm CreateClient(ArmServerAddress server)
    {
        var tls = new TlsClient(server);
        return new MuxadoArm(
            server, async service => MuxadoSession.CreateClient(await tls.AuthenticateAsync(await LoopbackSocket.ConnectAsync(service))));
    }
}
