using System.Net.Sockets;
using Muxado.Fast.Bench.Echo;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>The server's side of the arms over Muxado.Fast: a session for each connection.</summary>
internal static class MuxadoServer
{
    public static ArmServer Start(Func<Socket, ValueTask<MuxadoSession>> createSession, string? certificateSha256 = null)
    {
        var echoSessions = new EchoSessions();
        return new SocketServer(
            async socket => echoSessions.Add(await createSession(socket)),
            async socket => await SinkAsync(await createSession(socket)),
            certificateSha256);
    }

    private static async Task SinkAsync(MuxadoSession session)
    {
        await using (session)
        {
            try
            {
                await foreach (var stream in session.AcceptStreamsAsync())
                    _ = SocketServer.ReportFailureAsync(SocketServer.SinkAsync(stream));
            }
            catch (MuxadoException)
            {
                // The client is done.
            }
        }
    }
}
