using System.Buffers;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Muxado.Fast.AspNetCore;

/// <summary>The listener of one end point: the streams of every session that is being served, as one queue of connections.</summary>
/// <remarks>
/// Owner: Kestrel, which accepts, unbinds and, when all connections have ended, disposes it. It owns no session.
/// Threading: all members may be called at any time, from any thread.
/// Invariants: every stream that a session's pump has taken becomes a connection that Kestrel accepts, or is refused as one that no application
/// has seen. Once unbound, no pump takes another.
/// Reuse: none.
/// </remarks>
internal sealed class MuxadoConnectionListener(MuxadoEndPoint endPoint, MemoryPool<byte> memory, bool prefersInline, ILogger logger) : IConnectionListener
{
    private readonly Channel<MuxadoConnection> _accepted = Channel.CreateUnbounded<MuxadoConnection>(new() { SingleReader = true });
    private readonly CancellationTokenSource _unbinding = new();
    private int _sessionCount;

    public EndPoint EndPoint => endPoint;

    public bool IsUnbound => _unbinding.IsCancellationRequested;

    /// <summary>Pumps the session's streams into the queue until the session ends, the listener is unbound, or the token is cancelled.</summary>
    public async Task ServeAsync(MuxadoSession session, CancellationToken cancellationToken)
    {
        int sessionNumber = Interlocked.Increment(ref _sessionCount);
        Log.SessionAttached(logger, sessionNumber, endPoint, session.RemoteEndPoint);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _unbinding.Token);
        try
        {
            while (true)
            {
                MuxadoStream stream = await session.AcceptStreamAsync(ending.Token).ConfigureAwait(false);
                Add(stream, session, sessionNumber);
            }
        }
        catch (MuxadoException)
        {
            MuxadoSessionCloseInfo end = await session.Completion.ConfigureAwait(false);
            Log.SessionEnded(logger, sessionNumber, endPoint, end.Error, end.Exception);
        }
        catch (OperationCanceledException)
        {
            Log.SessionDetached(logger, sessionNumber, endPoint);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_accepted.Reader.TryRead(out MuxadoConnection? connection))
            {
                connection.Start();
                return connection;
            }
        }

        return null; // Unbound.
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await _unbinding.CancelAsync().ConfigureAwait(false);
        _accepted.Writer.TryComplete();
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync().ConfigureAwait(false);
        while (_accepted.Reader.TryRead(out MuxadoConnection? unaccepted))
            unaccepted.Refuse();
        if (memory != MemoryPool<byte>.Shared)
            memory.Dispose();
    }

    private void Add(MuxadoStream stream, MuxadoSession session, int sessionNumber)
    {
        var connection = new MuxadoConnection($"{endPoint.Name}-{sessionNumber}-{stream.Id}", stream, session, memory, prefersInline, logger);
        if (!_accepted.Writer.TryWrite(connection))
            connection.Refuse();
    }
}
