using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using Muxado.Fast.Bench.Echo;
using Muxado.Fast.Transport;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>Puts TLS on accepted connections, with a certificate that lives as long as the process.</summary>
/// <remarks>
/// Version and cipher are what the system prefers, and so the same in all arms with TLS. Choosing them here would be unfair to the
/// one that connects for each operation: on Linux the runtime resumes no session that has a cipher policy of its own.
/// </remarks>
internal sealed class TlsServer
{
    private readonly SslServerAuthenticationOptions _options;

    public TlsServer()
    {
        var certificate = ThrowAwayCertificate.Create();
        CertificateSha256 = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        _options = new SslServerAuthenticationOptions
        {
            // Once for all connections, as a server does that is to accept many.
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
        };
    }

    public string CertificateSha256 { get; }

    /// <summary>A session over TLS, as a listener makes it.</summary>
    public async ValueTask<MuxadoSession> CreateSessionAsync(Socket accepted, MuxadoSessionOptions? sessionOptions) => MuxadoSession.CreateOver(
        await TlsTransport.AuthenticateAsServerAsync(accepted, _options, CancellationToken.None), isClient: false, sessionOptions ?? new MuxadoSessionOptions());

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
