using System.Net;
using System.Net.Security;

namespace Muxado.Fast;

/// <summary>Where and how <see cref="MuxadoSession.ConnectAsync"/> dials.</summary>
public sealed class MuxadoClientOptions : MuxadoSessionOptions
{
    /// <summary>The server: an <see cref="IPEndPoint"/>, a <see cref="DnsEndPoint"/> or a Unix domain socket end point.</summary>
    public required EndPoint RemoteEndPoint { get; set; }

    /// <summary>TLS settings, or null for a plain connection. An empty target host is filled in from the end point.</summary>
    public SslClientAuthenticationOptions? Tls { get; set; }
}
