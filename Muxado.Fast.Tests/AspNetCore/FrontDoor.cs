using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Muxado.Fast.Tests.AspNetCore;

/// <summary>
/// A public web server on YARP whose destinations are sessions: applications dial in, say their names, and get their share of the requests for as long
/// as their sessions live.
/// </summary>
internal sealed class FrontDoor : ForwarderHttpClientFactory, IAsyncDisposable
{
    private const string Cluster = "applications";
    private static readonly RouteConfig[] s_routes = [new() { RouteId = "all", ClusterId = Cluster, Match = new RouteMatch { Path = "{**path}" } }];

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, MuxadoSession> _sessions = new();
    private readonly InMemoryConfigProvider _destinations = new(s_routes, []);
    private readonly RecordedLog _log = new();
    private readonly MuxadoListener _listener;
    private readonly WebApplication _application;
    private readonly Task _accepting;

    private FrontDoor(MuxadoListener listener)
    {
        _listener = listener;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(_log);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddSingleton<IProxyConfigProvider>(_destinations);
        builder.Services.AddSingleton<IForwarderHttpClientFactory>(this);
        builder.Services.AddReverseProxy();
        _application = builder.Build();
        _application.MapReverseProxy();
        _accepting = AcceptAsync();
    }

    public EndPoint TunnelEndPoint => _listener.LocalEndPoint;

    public Uri Address => new(_application.Urls.Single());

    /// <summary>How many applications requests are sent to. The proxy takes a change over a little after it was told of it.</summary>
    public int Destinations =>
        _application.Services.GetRequiredService<IProxyStateLookup>().TryGetCluster(Cluster, out var cluster)
            ? cluster.DestinationsState.AllDestinations.Count
            : 0;

    public static async Task<FrontDoor> OpenAsync()
    {
        var door = new FrontDoor(await MuxadoListener.ListenAsync(new() { ListenEndPoint = new IPEndPoint(IPAddress.Loopback, 0) }));
        await door._application.StartAsync().Soon();
        return door;
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync().Soon();
        await _application.DisposeAsync().Soon();
        await _listener.DisposeAsync().Soon();
        await _accepting.Soon();
        foreach (var session in _sessions.Values)
            await session.DisposeAsync().Soon();
        Assert.That(_log.Errors, Is.Empty, "the front door logged errors");
    }

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ConnectCallback = (connection, cancellationToken) => _sessions.TryGetValue(connection.DnsEndPoint.Host, out var session)
            ? session.ConnectHttpAsync(connection, cancellationToken)
            : throw new HttpRequestException($"{connection.DnsEndPoint.Host} has not dialled in.");
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptSessionAsync());
        }
        catch (ObjectDisposedException)
        {
            // The door is closed.
        }
    }

    private async Task ServeAsync(MuxadoSession session)
    {
        string name;
        await using (var introduction = await session.AcceptStreamAsync())
            name = await new StreamReader(introduction).ReadToEndAsync();

        _sessions[name] = session;
        UpdateDestinations();
        await session.Completion;
        // Not another session of the same name that has taken its place.
        _sessions.TryRemove(KeyValuePair.Create(name, session));
        UpdateDestinations();
    }

    private void UpdateDestinations()
    {
        lock (_gate)
        {
            _destinations.Update(s_routes,
            [
                new ClusterConfig
                {
                    ClusterId = Cluster,
                    LoadBalancingPolicy = "RoundRobin",
                    Destinations = _sessions.Keys.ToDictionary(name => name, name => new DestinationConfig { Address = $"http://{name}/" }),
                },
            ]);
        }
    }
}
