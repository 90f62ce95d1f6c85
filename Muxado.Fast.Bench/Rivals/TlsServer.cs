using System.Net.Security;
using System.Net.Sockets;
using Muxado.Fast.Bench.Echo;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>Puts TLS on accepted connections, with a certificate that lives as long as the process.</summary>
internal sealed class TlsServer
{
    private readonly SslServerAuthenticationOptions _options;

    public TlsServer()
    {
        var certificate = ThrowAwayCertificate.Create();
        CertificateSha256 = TlsParameters.Sha256(certificate);
        _options = new SslServerAuthenticationOptions
        {
            // Once for all connections, as a server does that is to accept many.
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
            CipherSuitesPolicy = TlsParameters.CipherSuites(),
        };
    }

    public string CertificateSha256 { get; }

    public async ValueTask<Stream> AuthenticateAsync(Socket accepted)
    {
        var stream = new SslStream(new NetworkStream(accepted, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsServerAsync(_options);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }
}
