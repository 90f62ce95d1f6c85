using System.Net.Sockets;
using Muxado.Fast.Bench.Echo;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>The server's side of the arms over Muxado.Fast: a session for each connection.</summary>
internal static class MuxadoServer
{
    /// <param name="createSession">Makes a session of a connection.</param>
    /// <param name="certificateSha256">The hash of the certificate that it shows, if there is one.</param>
    public static ArmServer Start(Func<Socket, MuxadoSessionOptions?, ValueTask<MuxadoSession>> createSession, string? certificateSha256 = null)
    {
        var echoSessions = new EchoSessions();
        return new SocketServer(
            async socket => echoSessions.Add(await createSession(socket, null)),
            socket => ServeAsync(socket, ServiceSession.Options),
            certificateSha256,
            socket => ServeAsync(socket, ServiceSession.WideOptions));

        async Task ServeAsync(Socket socket, MuxadoSessionOptions options) => await new ServiceSession(await createSession(socket, options)).RunAsync();
    }
}
