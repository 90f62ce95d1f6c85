#!/usr/bin/env dotnet
#:sdk Microsoft.NET.Sdk.Web
#:project ../Muxado.Fast.AspNetCore/Muxado.Fast.AspNetCore.csproj
#:package Yarp.ReverseProxy

// A public front door on YARP, and web applications behind NAT that dial in and get its requests.
//
//   dotnet run samples/front-door.cs                                            the door and two applications in one process
//   dotnet run samples/front-door.cs door 127.0.0.1:8080 127.0.0.1:7000         the door: where browsers come, where applications dial in
//   dotnet run samples/front-door.cs app alpha 127.0.0.1:7000                   an application of that name; dials again when it must
//
// Ends with: both applications have answered through the front door

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Muxado.Fast;
using Muxado.Fast.AspNetCore;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

return args switch
{
    [] => await DemonstrateAsync(),
    ["door", var address, var tunnel] when IPEndPoint.TryParse(address, out var listen) && IPEndPoint.TryParse(tunnel, out var dialIn)
        => await RunDoorAsync(listen, dialIn),
    ["app", var name, var tunnel] when IPEndPoint.TryParse(tunnel, out var dialIn) => await RunApplicationAsync(name, dialIn),
    _ => Usage(),
};

static async Task<int> DemonstrateAsync()
{
    await using var listener = await MuxadoListener.ListenAsync(new() { ListenEndPoint = new IPEndPoint(IPAddress.Loopback, 0) });
    await using var door = BuildDoor(new IPEndPoint(IPAddress.Loopback, 0), listener);
    await door.StartAsync();
    using var stopping = new CancellationTokenSource();
    var applications = Task.WhenAll(ServeApplicationAsync("alpha", listener.LocalEndPoint, stopping.Token), ServeApplicationAsync("beta", listener.LocalEndPoint, stopping.Token));

    using var client = new HttpClient { BaseAddress = new Uri(door.Urls.Single()) };
    var answers = new HashSet<string>();
    while (answers.Count < 2)
    {
        using var response = await client.GetAsync("/");
        if (response.IsSuccessStatusCode && answers.Add(await response.Content.ReadAsStringAsync()))
            Console.WriteLine(answers.Last());
        else
            await Task.Delay(10); // The door says 503 until an application has dialled in.
    }

    // An application that is told to stop finishes what it has begun.
    using var slow = await client.GetAsync("/slow", HttpCompletionOption.ResponseHeadersRead);
    await stopping.CancelAsync();
    Console.WriteLine(await slow.Content.ReadAsStringAsync());
    await applications;
    await door.StopAsync();
    Console.WriteLine("both applications have answered through the front door");
    return 0;
}

static async Task<int> RunDoorAsync(IPEndPoint listen, IPEndPoint dialIn)
{
    await using var listener = await MuxadoListener.ListenAsync(new() { ListenEndPoint = dialIn });
    await using var door = BuildDoor(listen, listener);
    Console.WriteLine($"http://{listen}, and applications dial in at {dialIn}");
    await door.RunAsync();
    return 0;
}

static async Task<int> RunApplicationAsync(string name, IPEndPoint dialIn)
{
    await ServeApplicationAsync(name, dialIn, CancellationToken.None);
    return 0;
}

static WebApplication BuildDoor(IPEndPoint listen, MuxadoListener listener)
{
    var dialledIn = new DialledIn();
    var builder = WebApplication.CreateSlimBuilder();
    builder.Logging.SetMinimumLevel(LogLevel.Warning);
    builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(listen));
    builder.Services.AddSingleton<IProxyConfigProvider>(dialledIn.Destinations);
    builder.Services.AddSingleton<IForwarderHttpClientFactory>(dialledIn);
    builder.Services.AddReverseProxy();
    var door = builder.Build();
    door.MapReverseProxy();
    _ = dialledIn.AcceptAsync(listener);
    return door;
}

// An ordinary web application. It serves a session after the other, dialling again a second after it has lost one.
static async Task ServeApplicationAsync(string name, EndPoint dialIn, CancellationToken cancellationToken)
{
    var endPoint = new MuxadoEndPoint(name);
    var builder = WebApplication.CreateSlimBuilder();
    builder.Logging.SetMinimumLevel(LogLevel.Warning);
    builder.WebHost.UseMuxado(endPoint);
    await using var app = builder.Build();
    app.MapGet("/", () => $"{name} of process {Environment.ProcessId}");
    app.MapGet("/slow", async (HttpResponse response) =>
    {
        await response.WriteAsync($"{name} takes its time");
        await response.Body.FlushAsync();
        await Task.Delay(1000);
        await response.WriteAsync(", and finishes");
    });
    await app.StartAsync(CancellationToken.None);
    using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, app.Lifetime.ApplicationStopping); // SIGINT, SIGTERM
    var stopping = ending.Token;

    while (!stopping.IsCancellationRequested)
    {
        try
        {
            await using var session = await MuxadoSession.ConnectAsync(new() { RemoteEndPoint = dialIn }, stopping);
            await using (var introduction = session.OpenStream())
                await introduction.WriteAsync(Encoding.UTF8.GetBytes(name), completeWrites: true, stopping);
            try
            {
                await endPoint.ServeAsync(session, stopping);
            }
            catch (OperationCanceledException)
            {
                // Asked to stop: the door's new requests are refused, those under way are answered, and only then does the session end.
                await session.GoAwayAsync(cancellationToken: CancellationToken.None);
                await app.StopAsync(CancellationToken.None);
            }

            await Task.Delay(1000, stopping);
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }
        catch (Exception failure) when (failure is SocketException or MuxadoException)
        {
            Console.Error.WriteLine($"{name}: {failure.Message} Dialling again.");
            await Task.Delay(1000, CancellationToken.None);
        }
    }

    await app.StopAsync(CancellationToken.None);
}

static int Usage()
{
    Console.Error.WriteLine("usage: front-door.cs [door ADDRESS:PORT TUNNEL:PORT | app NAME TUNNEL:PORT]");
    return 2;
}

/// <summary>The applications that have dialled in, by name: YARP's destinations, each for as long as its session lives.</summary>
internal sealed class DialledIn : ForwarderHttpClientFactory
{
    private static readonly RouteConfig[] Routes = [new() { RouteId = "all", ClusterId = "apps", Match = new() { Path = "{**path}" } }];

    private const int MaxNameBytes = 63;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, MuxadoSession> _sessions = new(StringComparer.OrdinalIgnoreCase);

    public InMemoryConfigProvider Destinations { get; } = new(Routes, []);

    public async Task AcceptAsync(MuxadoListener listener)
    {
        try
        {
            while (true)
                _ = KeepAsync(await listener.AcceptSessionAsync());
        }
        catch (ObjectDisposedException)
        {
            // The door is closed.
        }
    }

    /// <summary>A destination is http://NAME, and a connection to it is a stream of the session of that name.</summary>
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ConnectCallback = (connection, cancellationToken) => _sessions.TryGetValue(connection.DnsEndPoint.Host, out var session)
            ? session.ConnectHttpAsync(connection, cancellationToken)
            : throw new HttpRequestException($"{connection.DnsEndPoint.Host} has not dialled in.");
    }

    private async Task KeepAsync(MuxadoSession accepted)
    {
        await using var session = accepted;
        try
        {
            // The first stream says who it is. Where not everybody may dial in, it would say a secret too, and there would be TLS around it.
            // Whoever dials in may say anything, and without end: it is a host's name of some length, or nothing.
            var said = new byte[MaxNameBytes + 1];
            int length;
            await using (var introduction = await session.AcceptStreamAsync())
                length = await introduction.ReadAtLeastAsync(said, said.Length, throwOnEndOfStream: false);
            var name = Encoding.UTF8.GetString(said, 0, length);
            if (length > MaxNameBytes || Uri.CheckHostName(name) != UriHostNameType.Dns)
            {
                Console.Error.WriteLine("a session was turned away: what it said is no name");
                return;
            }

            _sessions[name] = session;
            Update();
            await session.GoingAway; // It takes no new requests; those under way go on until it ends.
            _sessions.TryRemove(KeyValuePair.Create(name, session));
            Update();
            var end = await session.Completion;
            Console.WriteLine($"{name} is gone: {end.Error}");
        }
        catch (MuxadoException failure)
        {
            Console.Error.WriteLine($"a session ended before it said its name: {failure.Message}");
        }
    }

    private void Update()
    {
        lock (_gate)
        {
            Destinations.Update(Routes, [new()
            {
                ClusterId = "apps",
                LoadBalancingPolicy = "RoundRobin",
                Destinations = _sessions.Keys.ToDictionary(name => name, name => new DestinationConfig { Address = $"http://{name}/" }),
            }]);
        }
    }
}
