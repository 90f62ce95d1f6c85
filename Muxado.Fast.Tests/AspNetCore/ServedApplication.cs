using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Muxado.Fast.AspNetCore;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.AspNetCore;

/// <summary>A running ASP.NET Core application that listens on a muxado end point, and on TCP where asked for. Disposing stops it and looks at its log.</summary>
internal sealed class ServedApplication : IAsyncDisposable
{
    private ServedApplication(WebApplication application, MuxadoEndPoint endPoint, RecordedLog log)
    {
        Application = application;
        EndPoint = endPoint;
        Log = log;
    }

    public WebApplication Application { get; }

    public MuxadoEndPoint EndPoint { get; }

    public RecordedLog Log { get; }

    /// <summary>The address of the TCP end point.</summary>
    public Uri TcpAddress => new(Addresses.Single(address => address.StartsWith("http://127.0.0.1", StringComparison.Ordinal)));

    public ICollection<string> Addresses =>
        Application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;

    public static async Task<ServedApplication> StartAsync(
        Action<WebApplication> map,
        HttpProtocols protocols = HttpProtocols.Http1,
        bool alsoTcp = false,
        Action<WebApplicationBuilder>? configure = null)
    {
        ServedApplication served = Create(map, protocols, alsoTcp, configure);
        await served.Application.StartAsync().Soon();
        return served;
    }

    public static ServedApplication Create(
        Action<WebApplication> map,
        HttpProtocols protocols = HttpProtocols.Http1,
        bool alsoTcp = false,
        Action<WebApplicationBuilder>? configure = null)
    {
        var log = new RecordedLog();
        var endPoint = new MuxadoEndPoint("test");
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.WebHost.UseMuxado(endPoint, protocols);
        if (alsoTcp)
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        configure?.Invoke(builder);
        WebApplication application = builder.Build();
        map(application);
        return new ServedApplication(application, endPoint, log);
    }

    public Task StopAsync() => Application.StopAsync().Soon();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Application.DisposeAsync().Soon();
        Assert.That(Log.Errors, Is.Empty, "the host logged errors");
    }
}
