using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Muxado.Fast.Tests.Support;

/// <summary>A client and a server session connected to each other in this process.</summary>
public sealed class SessionPair : IAsyncDisposable
{
    private static readonly Lazy<X509Certificate2> ServerCertificate = new(CreateCertificate);

    private readonly ConcurrentBag<MuxadoStream> _streams = [];

    private SessionPair(MuxadoSession client, MuxadoSession server)
    {
        Client = client;
        Server = server;
    }

    public MuxadoSession Client { get; }

    public MuxadoSession Server { get; }

    public static async Task<SessionPair> ConnectAsync(
        TransportKind kind = TransportKind.Memory,
        MuxadoSessionOptions? clientOptions = null,
        MuxadoSessionOptions? serverOptions = null)
    {
        switch (kind)
        {
            case TransportKind.Memory:
                var (clientEnd, serverEnd) = MemoryDuplex.CreatePair();
                return Over(clientEnd, serverEnd, clientOptions, serverOptions);

            case TransportKind.Tls:
                var (clientSocket, serverSocket) = await ConnectSocketsAsync(TransportKind.Tcp);
                var (clientTls, serverTls) = await AuthenticateAsync(clientSocket, serverSocket);
                return Over(clientTls, serverTls, clientOptions, serverOptions);

            default:
                var (connecting, accepted) = await ConnectSocketsAsync(kind);
                return new SessionPair(
                    MuxadoSession.CreateClient(connecting, clientOptions),
                    MuxadoSession.CreateServer(accepted, serverOptions));
        }
    }

    public static SessionPair Over(
        Stream clientEnd,
        Stream serverEnd,
        MuxadoSessionOptions? clientOptions = null,
        MuxadoSessionOptions? serverOptions = null) =>
        new(MuxadoSession.CreateClient(clientEnd, clientOptions), MuxadoSession.CreateServer(serverEnd, serverOptions));

    /// <summary>Opens a stream at one side and accepts it at the other. One byte travels first, since a SYN may wait for the first write.</summary>
    public async Task<StreamPair> OpenAsync(MuxadoStreamOptions options = default, bool fromServer = false)
    {
        var (opener, acceptor) = fromServer ? (Server, Client) : (Client, Server);
        var opened = opener.OpenStream(options);
        _streams.Add(opened);
        if (!options.CompleteWrites)
            await opened.WriteAsync(new byte[1]).Soon();

        var accepted = await acceptor.AcceptStreamAsync().Soon();
        _streams.Add(accepted);
        if (!options.CompleteWrites)
            await accepted.ReadExactlyAsync(new byte[1]).Soon();

        return new StreamPair(opened, accepted);
    }

    /// <summary>
    /// Closes both sides, and lets go of the streams of <see cref="OpenAsync"/>, whose unread bytes outlive their session. A
    /// session that takes too long to close fails the test that owns it.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        var closing = Task.WhenAll(Client.DisposeAsync().AsTask(), Server.DisposeAsync().AsTask());
        await closing.WaitAsync(TimeSpan.FromSeconds(15));
        foreach (var stream in _streams)
            await stream.DisposeAsync();
    }

    /// <summary>Two connected sockets of this machine, TCP loopback or Unix domain.</summary>
    public static async Task<(Socket Client, Socket Server)> ConnectSocketsAsync(TransportKind kind)
    {
        if (kind == TransportKind.Tcp)
            return await ConnectSocketsAsync(new IPEndPoint(IPAddress.Loopback, 0), ProtocolType.Tcp);

        var path = Path.Combine(Path.GetTempPath(), $"muxado-{Guid.NewGuid():N}.sock");
        try
        {
            return await ConnectSocketsAsync(new UnixDomainSocketEndPoint(path), ProtocolType.Unspecified);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<(Socket Client, Socket Server)> ConnectSocketsAsync(EndPoint local, ProtocolType protocol)
    {
        using var listener = new Socket(local.AddressFamily, SocketType.Stream, protocol);
        listener.Bind(local);
        listener.Listen(1);
        var client = new Socket(local.AddressFamily, SocketType.Stream, protocol);
        var accepting = listener.AcceptAsync();
        await client.ConnectAsync(listener.LocalEndPoint!).Soon();
        return (client, await accepting.Soon());
    }

    private static async Task<(SslStream Client, SslStream Server)> AuthenticateAsync(Socket clientSocket, Socket serverSocket)
    {
        clientSocket.NoDelay = true;
        serverSocket.NoDelay = true;
        var client = new SslStream(new NetworkStream(clientSocket, ownsSocket: true));
        var server = new SslStream(new NetworkStream(serverSocket, ownsSocket: true));
        var expected = ServerCertificate.Value.GetCertHashString();
        await Task.WhenAll(
            server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = ServerCertificate.Value }),
            client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == expected,
            })).Soon();
        return (client, server);
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}

/// <summary>The two ends of one stream: at the side that opened it and at the side that accepted it.</summary>
public readonly record struct StreamPair(MuxadoStream Opened, MuxadoStream Accepted);
