using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Muxado.Fast.Bench.Chance;
using Muxado.Fast.Bench.Echo;

namespace Muxado.Fast.Bench.Soak;

/// <summary>Listens and dials, and brings the two sides of each session together by the client's address.</summary>
/// <remarks>
/// Owner: the soak.
/// Threading: any thread dials; one loop for each listener accepts.
/// Invariants: a session that comes in and that nobody claims, because its dial was cancelled, is forgotten when it has ended.
/// </remarks>
internal sealed class LinkFactory : IAsyncDisposable
{
    private const int FewStreams = 3;

    private readonly SoakContext _context;
    private readonly ConcurrentDictionary<(int ClientPort, int ServerPort), TaskCompletionSource<MuxadoSession>> _arrivals = new();
    private readonly ConditionalWeakTable<MuxadoSession, Link> _links = new();
    private readonly Dictionary<LinkKind, MuxadoListener> _listeners = [];
    private readonly SslClientAuthenticationOptions _clientTls;
    private readonly SslServerAuthenticationOptions _serverTls;

    private LinkFactory(SoakContext context)
    {
        _context = context;
        var certificate = ThrowAwayCertificate.Create();
        var hash = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        _serverTls = new() { ServerCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true) };
        _clientTls = new()
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString(HashAlgorithmName.SHA256) == hash,
        };
    }

    public static async Task<LinkFactory> StartAsync(SoakContext context)
    {
        var factory = new LinkFactory(context);
        foreach (var kind in Enum.GetValues<LinkKind>())
        {
            var listener = factory._listeners[kind] = await MuxadoListener.ListenAsync(new()
            {
                ListenEndPoint = new IPEndPoint(IPAddress.Loopback, 0),
                Tls = kind == LinkKind.Tls ? factory._serverTls : null,
                SessionOptions = Configure(new MuxadoSessionOptions(), kind),
            });
            _ = factory.AcceptAsync(listener);
        }

        return factory;
    }

    /// <summary>A new session, with both of its sides in hand.</summary>
    public async ValueTask<Link> DialAsync(LinkKind kind, Dice dice, CancellationToken cancellationToken)
    {
        using var watch = _context.Watchdog.Add();
        watch.Subject = kind;
        watch.Begin("a dial");
        var (client, socket) = await ConnectAsync(kind, dice, cancellationToken);
        var ports = (PortOf(client.LocalEndPoint), PortOf(client.RemoteEndPoint));
        try
        {
            var server = await ArrivalOf(ports).Task.WaitAsync(cancellationToken);
            _arrivals.TryRemove(ports, out _);
            var link = new Link(_context, kind, _context.NextNumber(), client, server, socket);
            _links.Add(client, link);
            _context.Tally.CountSession();
            return link;
        }
        catch (OperationCanceledException)
        {
            client.Abort();
            _arrivals.TryRemove(ports, out _); // If the server's side comes only now, it forgets itself.
            throw;
        }
    }

    /// <summary>The link that a session dialled here is one side of.</summary>
    public Link Of(MuxadoSession client) =>
        _links.TryGetValue(client, out var link) ? link : throw new InvalidOperationException("The session was not dialled here.");

    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners.Values)
            await listener.DisposeAsync();
    }

    private static T Configure<T>(T options, LinkKind kind)
        where T : MuxadoSessionOptions
    {
        options.HeartbeatInterval = TimeSpan.FromSeconds(1);
        options.WriteStallTimeout = TimeSpan.FromMinutes(1); // A machine that is busy with something else is no stalled peer.
        if (kind == LinkKind.TightTcp)
            (options.AcceptBacklog, options.MaxInboundStreams, options.MaxReceiveWindow) = (1, FewStreams, 64 * 1024);
        return options;
    }

    private async ValueTask<(MuxadoSession Client, Socket? Socket)> ConnectAsync(LinkKind kind, Dice dice, CancellationToken cancellationToken)
    {
        var server = (IPEndPoint)_listeners[kind].LocalEndPoint;
        var options = Configure(new MuxadoClientOptions { RemoteEndPoint = server, Tls = kind == LinkKind.Tls ? _clientTls : null }, kind);
        options.Scheduling = dice.Chance(0.25) ? MuxadoScheduling.ThreadPool : MuxadoScheduling.Default;
        options.BusyPoll = dice.Chance(0.5) ? TimeSpan.Zero : options.BusyPoll;
        if (kind == LinkKind.Tls || dice.Chance(0.5))
            return (await MuxadoSession.ConnectAsync(options, cancellationToken), null);

        // A socket of our own, which can be reset.
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(server, cancellationToken);
            return (MuxadoSession.CreateClient(socket, options), socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task AcceptAsync(MuxadoListener listener)
    {
        try
        {
            while (true)
                _ = ReceiveAsync(await listener.AcceptSessionAsync());
        }
        catch (ObjectDisposedException)
        {
            // The soak is over.
        }
    }

    private async Task ReceiveAsync(MuxadoSession session)
    {
        var ports = (PortOf(session.RemoteEndPoint), PortOf(session.LocalEndPoint));
        var arrival = ArrivalOf(ports);
        if (!arrival.TrySetResult(session))
            (arrival = _arrivals[ports] = NewArrival()).SetResult(session); // One that nobody claimed had these ports before.
        await session.Completion;
        _arrivals.TryRemove(new(ports, arrival));
        await session.DisposeAsync();
    }

    private TaskCompletionSource<MuxadoSession> ArrivalOf((int ClientPort, int ServerPort) ports) => _arrivals.GetOrAdd(ports, static _ => NewArrival());

    private static TaskCompletionSource<MuxadoSession> NewArrival() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // None: the connection was reset before anyone looked.
    private static int PortOf(EndPoint? address) => (address as IPEndPoint)?.Port ?? 0;
}
