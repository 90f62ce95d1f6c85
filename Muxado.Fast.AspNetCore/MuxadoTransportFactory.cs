using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Muxado.Fast.AspNetCore;

/// <summary>
/// Binds every <see cref="MuxadoEndPoint"/>, and nothing else: Kestrel's other transports bind the other end points of the same host.
/// Registered by <see cref="MuxadoWebHostBuilderExtensions.UseMuxado(Microsoft.AspNetCore.Hosting.IWebHostBuilder)"/>.
/// </summary>
/// <remarks>
/// Owner: the host's services.
/// Threading: all members may be called at any time, from any thread.
/// Invariants: none; it has no state but what it was made with.
/// Reuse: by any number of end points.
/// </remarks>
public sealed class MuxadoTransportFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly ILogger _logger;
    private readonly IOptions<MuxadoTransportOptions> _options;
    private readonly IMemoryPoolFactory<byte>? _memoryPools;

    /// <summary>Creates the factory; done by the host's services.</summary>
    /// <param name="loggers">For the category "Muxado.Fast.AspNetCore".</param>
    /// <param name="options">How Kestrel runs over streams.</param>
    /// <param name="memoryPools">Where Kestrel's buffers come from; null for the shared pool.</param>
    public MuxadoTransportFactory(ILoggerFactory loggers, IOptions<MuxadoTransportOptions> options, IMemoryPoolFactory<byte>? memoryPools = null)
    {
        ArgumentNullException.ThrowIfNull(loggers);
        ArgumentNullException.ThrowIfNull(options);
        _logger = loggers.CreateLogger("Muxado.Fast.AspNetCore");
        _options = options;
        _memoryPools = memoryPools;
    }

    /// <summary>Whether the end point is a <see cref="MuxadoEndPoint"/>.</summary>
    /// <param name="endpoint">What is to be listened on.</param>
    public bool CanBind(EndPoint endpoint) => endpoint is MuxadoEndPoint;

    /// <summary>Starts to listen: sessions that are being served, and those to come, become sources of connections.</summary>
    /// <param name="endpoint">A <see cref="MuxadoEndPoint"/> that was never bound before.</param>
    /// <param name="cancellationToken">Looked at before binding.</param>
    /// <exception cref="ArgumentException">It is another kind of end point.</exception>
    /// <exception cref="InvalidOperationException">The end point is listened on, or was stopped.</exception>
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        if (endpoint is not MuxadoEndPoint muxado)
            throw new ArgumentException($"{endpoint} is no {nameof(MuxadoEndPoint)}, and this transport binds nothing else.", nameof(endpoint));
        cancellationToken.ThrowIfCancellationRequested();

        // What can throw comes first: an end point whose host could not start is free for the next.
        bool prefersInline = _options.Value.UnsafePreferInlineScheduling;
        MemoryPool<byte> memory = _memoryPools?.Create() ?? MemoryPool<byte>.Shared;
        var listener = new MuxadoConnectionListener(muxado, memory, prefersInline, _logger);
        if (muxado.TryBind(listener))
            return listener;
        await listener.DisposeAsync().ConfigureAwait(false);
        throw muxado.BoundAlready();
    }
}
