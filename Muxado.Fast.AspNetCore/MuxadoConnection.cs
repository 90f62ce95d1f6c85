using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;

namespace Muxado.Fast.AspNetCore;

/// <summary>One stream as a connection of Kestrel's.</summary>
/// <remarks>
/// Owner: Kestrel, which disposes it when its application is done.
/// Threading: as <see cref="ConnectionContext"/> says; <see cref="Abort(ConnectionAbortedException)"/> may be called at any time, under locks of Kestrel's.
/// Invariants: <see cref="BaseConnectionContext.ConnectionClosed"/> fires once, on a thread of the pool: when the peer has sent its last byte, whether or not
/// the bytes before it were read, as with Kestrel's sockets; when either side has reset the stream; when the session is lost; on disposal at the latest.
/// Reuse: none.
/// </remarks>
internal sealed class MuxadoConnection : DefaultConnectionContext, IMuxadoStreamFeature, IMemoryPoolFeature
{
    private readonly CancellationTokenSource _closed = new();
    private readonly ILogger _logger;
    private readonly StreamPipe _pipe; // Its own: Transport is for whoever wraps the connection to replace.
    private Task _watching = Task.CompletedTask;
    private volatile bool _isDisposing;

    public MuxadoConnection(string id, MuxadoStream stream, MuxadoSession session, MemoryPool<byte> memory, bool prefersInline, ILogger logger)
        : base(id)
    {
        Stream = stream;
        Session = session;
        MemoryPool = memory;
        _logger = logger;
        _pipe = new StreamPipe(stream.AsDuplexPipe(), prefersInline);
        Transport = _pipe;
        ConnectionClosed = _closed.Token;
        LocalEndPoint = session.LocalEndPoint;
        RemoteEndPoint = session.RemoteEndPoint;
        Features.Set<IMuxadoStreamFeature>(this);
        Features.Set<IMemoryPoolFeature>(this);
    }

    public MuxadoStream Stream { get; }

    public MuxadoSession Session { get; }

    public MemoryPool<byte> MemoryPool { get; }

    /// <summary>Begins to watch for the peer's end; called once, when Kestrel takes the connection.</summary>
    public void Start()
    {
        Log.ConnectionAccepted(_logger, ConnectionId);
        _watching = WatchAsync(Stream.PeerWritesClosed);
    }

    /// <summary>No application has seen the stream: the peer may safely open it again elsewhere.</summary>
    public void Refuse()
    {
        Log.ConnectionRefused(_logger, ConnectionId);
        Stream.Abort(MuxadoErrorCode.RefusedStream);
        Stream.Dispose();
        _closed.Dispose();
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        // Kestrel gives no reason when the peer was the one to end it.
        Log.ConnectionAborted(_logger, ConnectionId, abortReason?.Message ?? "The peer had closed it.");
        try
        {
            // When the stream was lost before, that is what whoever reads must learn.
            if (!Stream.PeerWritesClosed.IsFaulted)
                _pipe.OnAborting();
            Stream.Abort(MuxadoErrorCode.Cancel);
        }
        catch (ObjectDisposedException)
        {
            // Both ends of the pipe are complete, and the stream has ended in its own way.
        }
    }

    public override async ValueTask DisposeAsync()
    {
        _isDisposing = true;
        await _pipe.Output.CompleteAsync().ConfigureAwait(false);
        await _pipe.Input.CompleteAsync().ConfigureAwait(false);

        // With both ends complete the pipe lets go of the stream, once its last byte is on its way; then the watch ends at the latest.
        await _watching.ConfigureAwait(false);
        Log.ConnectionClosed(_logger, ConnectionId);
        _closed.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private async Task WatchAsync(Task peerWritesClosed)
    {
        try
        {
            await peerWritesClosed.ConfigureAwait(false);
            if (!_isDisposing)
                Log.ConnectionReadEnd(_logger, ConnectionId);
        }
        catch (MuxadoException exception)
        {
            // Reported even while this side lets go of it: bytes that nobody read have reset the stream.
            Log.ConnectionLost(_logger, ConnectionId, exception.Error, exception.Message);
        }

        try
        {
            await _closed.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Log.ClosedCallbackThrew(_logger, ConnectionId, exception);
        }
    }
}
