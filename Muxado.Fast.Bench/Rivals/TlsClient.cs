using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using Muxado.Fast.Transport;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>Puts TLS on connections to one server, whose certificate is known beforehand: any other is refused.</summary>
internal sealed class TlsClient(ArmServerAddress server)
{
    private readonly SslClientAuthenticationOptions _options = new()
    {
        TargetHost = "localhost",
        RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            certificate is not null && certificate.GetCertHashString(HashAlgorithmName.SHA256) == server.CertificateSha256,
    };

    /// <summary>A session over TLS, as <see cref="MuxadoSession.ConnectAsync"/> makes it, on a socket of the arm's own.</summary>
    public async ValueTask<MuxadoSession> CreateSessionAsync(Socket connected) => MuxadoSession.CreateOver(
        await TlsTransport.AuthenticateAsClientAsync(connected, _options, CancellationToken.None), isClient: true, new MuxadoSessionOptions());

    public async ValueTask<Stream> AuthenticateAsync(Socket connected)
    {
        var stream = new SslStream(new NetworkStream(connected, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsClientAsync(_options);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }
}
