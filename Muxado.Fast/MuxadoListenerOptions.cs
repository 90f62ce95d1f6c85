using System.Net;
using System.Net.Security;

namespace Muxado.Fast;

/// <summary>Where and how <see cref="MuxadoListener.ListenAsync"/> listens.</summary>
public sealed class MuxadoListenerOptions
{
    /// <summary>The local address: an <see cref="IPEndPoint"/> (port 0 picks a free one) or a Unix domain socket end point.</summary>
    public required EndPoint ListenEndPoint { get; set; }

    /// <summary>TLS settings, or null for plain connections.</summary>
    public SslServerAuthenticationOptions? Tls { get; set; }

    /// <summary>How long a TLS handshake may take before its connection is dropped. Default 10 s; must be positive.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The most connections that the system holds for us, and that may be in their TLS handshake, or wait to be accepted as sessions, at once. Default 512.</summary>
    public int Backlog { get; set; } = 512;

    /// <summary>The options that every accepted session gets.</summary>
    public MuxadoSessionOptions SessionOptions { get; set; } = new();
}
