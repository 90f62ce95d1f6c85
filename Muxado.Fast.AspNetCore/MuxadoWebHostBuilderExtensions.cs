using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Muxado.Fast.AspNetCore;

/// <summary>Lets Kestrel listen on <see cref="MuxadoEndPoint"/>s.</summary>
public static class MuxadoWebHostBuilderExtensions
{
    /// <summary>Adds the transport. What to listen on is said to Kestrel: <c>kestrel.Listen(endPoint)</c>. Harmless when called again.</summary>
    /// <param name="builder">The web host; in a minimal application <c>builder.WebHost</c>.</param>
    public static IWebHostBuilder UseMuxado(this IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        // The sockets first: Kestrel's own way adds them only where no other transport is.
        return builder.UseSockets().ConfigureServices(services => services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IConnectionListenerFactory, MuxadoTransportFactory>()));
    }

    /// <summary>Adds the transport, with settings.</summary>
    /// <param name="builder">The web host; in a minimal application <c>builder.WebHost</c>.</param>
    /// <param name="configure">Sets how Kestrel runs over streams.</param>
    public static IWebHostBuilder UseMuxado(this IWebHostBuilder builder, Action<MuxadoTransportOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return builder.UseMuxado().ConfigureServices(services => services.Configure(configure));
    }

    /// <summary>
    /// Adds the transport and listens on an end point. As with everything that is listened on by code, addresses that are only
    /// configured (such as ASPNETCORE_URLS) are then not listened on: call <c>Listen</c> for those too.
    /// </summary>
    /// <param name="builder">The web host; in a minimal application <c>builder.WebHost</c>.</param>
    /// <param name="endPoint">What to listen on. Give it sessions with <see cref="MuxadoEndPoint.ServeAsync"/>.</param>
    /// <param name="protocols">
    /// What is spoken there. Without TLS inside the stream one end point speaks either <see cref="HttpProtocols.Http1"/>, the default, or
    /// <see cref="HttpProtocols.Http2"/> with prior knowledge, which gRPC needs.
    /// </param>
    public static IWebHostBuilder UseMuxado(this IWebHostBuilder builder, MuxadoEndPoint endPoint, HttpProtocols protocols = HttpProtocols.Http1)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return builder.UseMuxado().ConfigureKestrel(kestrel => kestrel.Listen(endPoint, listen => listen.Protocols = protocols));
    }
}
