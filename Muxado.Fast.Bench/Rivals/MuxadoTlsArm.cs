namespace Muxado.Fast.Bench.Rivals;

/// <summary>Muxado.Fast over TLS: sessions as a client that dials and a listener make them, with the same settings as its rival's.</summary>
internal static class MuxadoTlsArm
{
    public const string Name = "muxado-tls";

    public static ArmEntry Entry { get; } = new DotNetEntry(Name, "Muxado.Fast over TLS", StartServer, CreateClient);

    private static ArmServer StartServer()
    {
        var tls = new TlsServer();
        return MuxadoServer.Start(tls.CreateSessionAsync, tls.CertificateSha256);
    }

    private static MuxadoArm CreateClient(ArmServerAddress server)
    {
        var tls = new TlsClient(server);
        return new MuxadoArm(server, async service => await tls.CreateSessionAsync(await LoopbackSocket.ConnectAsync(service)));
    }
}
