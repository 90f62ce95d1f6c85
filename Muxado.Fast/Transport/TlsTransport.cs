using System.Net.Security;
using System.Net.Sockets;

namespace Muxado.Fast.Transport;

/// <summary>Puts TLS on a connected socket and a transport on that. The socket is its own from the first call on, and disposed when the handshake fails.</summary>
internal static class TlsTransport
{
    public static Task<StreamTransport> AuthenticateAsClientAsync(Socket socket, SslClientAuthenticationOptions tls, CancellationToken cancellationToken) =>
        AuthenticateAsync(socket, stream => stream.AuthenticateAsClientAsync(tls, cancellationToken));

    public static Task<StreamTransport> AuthenticateAsServerAsync(Socket socket, SslServerAuthenticationOptions tls, CancellationToken cancellationToken) =>
        AuthenticateAsync(socket, stream => stream.AuthenticateAsServerAsync(tls, cancellationToken));

    private static async Task<StreamTransport> AuthenticateAsync(Socket socket, Func<SslStream, Task> authenticate)
    {
        SocketTransport.DisableNagle(socket);
        var records = new RecordStream(new NetworkStream(socket, ownsSocket: true));
        var stream = new SslStream(records);
        try
        {
            await authenticate(stream).ConfigureAwait(false);
            return new StreamTransport(stream, socket, records);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
