using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Muxado.Fast.Transport;

/// <summary>Connects to a server: TCP or a Unix domain socket, with TLS on top where asked for.</summary>
internal static class Dialer
{
    /// <summary>Connects, and ends the TLS handshake if there is one. Leaves nothing open when it throws.</summary>
    /// <exception cref="ArgumentException">The end point is of a kind that cannot be dialled.</exception>
    /// <exception cref="SocketException">Nobody answers there.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The TLS handshake failed.</exception>
    /// <exception cref="IOException">The connection broke during the TLS handshake.</exception>
    public static async ValueTask<ByteTransport> ConnectAsync(
        EndPoint remote,
        SslClientAuthenticationOptions? tls,
        CancellationToken cancellationToken)
    {
        Socket socket = CreateSocket(remote);
        try
        {
            await socket.ConnectAsync(remote, cancellationToken).ConfigureAwait(false);
            if (tls is null)
                return new SocketTransport(socket);
            return await TlsTransport.AuthenticateAsClientAsync(socket, WithTargetHost(tls, remote), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The options as given where they name the host; else a copy that names the end point's, the user's being left alone.</summary>
    internal static SslClientAuthenticationOptions WithTargetHost(SslClientAuthenticationOptions tls, EndPoint remote)
    {
        string? host = remote switch
        {
            DnsEndPoint dns => dns.Host,
            IPEndPoint ip => ip.Address.ToString(),
            _ => null, // A path names no host: validation fails unless the user's options know better.
        };
        if (!string.IsNullOrEmpty(tls.TargetHost) || host is null)
            return tls;

        var named = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            AllowRenegotiation = tls.AllowRenegotiation,
            AllowTlsResume = tls.AllowTlsResume,
            ApplicationProtocols = tls.ApplicationProtocols,
            CertificateChainPolicy = tls.CertificateChainPolicy,
            CertificateRevocationCheckMode = tls.CertificateRevocationCheckMode,
            CipherSuitesPolicy = tls.CipherSuitesPolicy,
            ClientCertificateContext = tls.ClientCertificateContext,
            ClientCertificates = tls.ClientCertificates,
            EnabledSslProtocols = tls.EnabledSslProtocols,
            EncryptionPolicy = tls.EncryptionPolicy,
            LocalCertificateSelectionCallback = tls.LocalCertificateSelectionCallback,
            RemoteCertificateValidationCallback = tls.RemoteCertificateValidationCallback,
        };
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
        {
            named.AllowRsaPkcs1Padding = tls.AllowRsaPkcs1Padding;
            named.AllowRsaPssPadding = tls.AllowRsaPssPadding;
        }

        return named;
    }

    private static Socket CreateSocket(EndPoint remote) => remote switch
    {
        // Without an address family the socket speaks IPv6 and IPv4, and connecting tries each address of the name in turn.
        DnsEndPoint { AddressFamily: AddressFamily.Unspecified } => new Socket(SocketType.Stream, ProtocolType.Tcp),
        DnsEndPoint or IPEndPoint => new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp),
        UnixDomainSocketEndPoint => new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified),
        _ => throw new ArgumentException(
            $"Cannot dial a {remote.GetType().Name}: use an IPEndPoint, a DnsEndPoint or a UnixDomainSocketEndPoint.", nameof(remote)),
    };
}
