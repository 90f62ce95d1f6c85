using System.Net.Security;
using System.Net.Sockets;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>Puts TLS on connections to one server, whose certificate is known beforehand: any other is refused.</summary>
internal sealed class TlsClient(ArmServerAddress server)
{
    private readonly SslClientAuthenticationOptions _options = new()
    {
        TargetHost = "localhost",
        CipherSuitesPolicy = TlsParameters.CipherSuites(),
        RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            certificate is not null && TlsParameters.Sha256(certificate) == server.CertificateSha256,
    };

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
