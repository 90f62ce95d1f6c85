using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;
using Muxado.Fast.Transport;

namespace Muxado.Fast;

/// <summary>Listens for connections, over TCP or a Unix domain socket and with TLS where asked for, and makes each a server session.</summary>
/// <remarks>
/// Owner: the application, which disposes it. A session belongs to whoever accepted it; those that nobody accepted stay the
/// listener's.
/// Threading: all members may be called at any time, from any thread.
/// Invariants: at most <see cref="MuxadoListenerOptions.Backlog"/> connections are between the system's queue and the
/// application; the rest wait with the system. No connection, however it fails, ends the listener.
/// Reuse: none.
/// </remarks>
public sealed class MuxadoListener : IAsyncDisposable
{
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly TimeSpan _handshakeTimeout;
    private readonly MuxadoSessionOptions _sessionOptions;
    private readonly SemaphoreSlim _slots;
    private readonly Channel<MuxadoSession> _ready = Channel.CreateUnbounded<MuxadoSession>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _acceptLoop;

    private MuxadoListener(Socket listening, MuxadoListenerOptions options, MuxadoSessionOptions sessionOptions)
    {
        _socket = listening;
        _tls = options.Tls;
        _handshakeTimeout = options.HandshakeTimeout;
        _sessionOptions = sessionOptions;
        _slots = new SemaphoreSlim(options.Backlog);
        LocalEndPoint = listening.LocalEndPoint!;

        // The loop outlives the call that starts it, and neither it nor its sessions may keep that caller's ambient context.
        using AsyncFlowControl flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _acceptLoop = Task.Run(AcceptConnectionsAsync);
    }

    /// <summary>The address in use, with the port that the system chose where 0 was asked for. Still known after disposal.</summary>
    public EndPoint LocalEndPoint { get; }

    /// <summary>Binds the address and starts to listen. Connections are taken from now on, whether or not anyone accepts sessions.</summary>
    /// <param name="options">Where and how to listen; read now, so that later changes have no effect on this listener, but for those of its TLS options.</param>
    /// <param name="cancellationToken">Heeded before the address is bound; binding itself does not wait.</param>
    /// <returns>The listener, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">An option is missing or out of range; the message names it.</exception>
    /// <exception cref="MuxadoException">
    /// The address cannot be bound (<see cref="MuxadoError.TransportFailed"/>): it is in use, is not ours, needs privileges, or
    /// the file of a Unix domain socket exists.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static ValueTask<MuxadoListener> ListenAsync(MuxadoListenerOptions options, CancellationToken cancellationToken = default)
    {
        MuxadoSessionOptions sessionOptions = ToChecked(options);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<MuxadoListener>(cancellationToken)
            : ValueTask.FromResult(new MuxadoListener(Bind(options), options, sessionOptions));
    }

    /// <summary>Waits for the next session, whose TLS handshake, if any, is done. Any number of callers may wait at once.</summary>
    /// <param name="cancellationToken">Ends this wait; no session is lost by it.</param>
    /// <returns>A session, which the caller disposes. Sessions come as they get ready, not in the order of their connections.</returns>
    /// <exception cref="ObjectDisposedException">The listener is disposed, or was while this call waited.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<MuxadoSession> AcceptSessionAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);

        // Not ReadAsync: a session that comes as the token is cancelled can be lost in it (dotnet/runtime#132094).
        while (await _ready.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_ready.Reader.TryRead(out MuxadoSession? session))
            {
                _slots.Release();
                return session;
            }
        }

        throw new ObjectDisposedException(nameof(MuxadoListener));
    }

    /// <summary>
    /// Stops listening, drops handshakes under way, and aborts the sessions that nobody accepted; accepted ones live on. Waiting
    /// <see cref="AcceptSessionAsync"/> calls throw. The file of a Unix domain socket is deleted. Disposing again is harmless.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _socket.Dispose();
        await _acceptLoop.ConfigureAwait(false);
        _ready.Writer.TryComplete();
        while (_ready.Reader.TryRead(out MuxadoSession? unaccepted))
            unaccepted.Abort();
    }

    /// <summary>Checks the listener's own options, and returns the session's, checked and copied.</summary>
    private static MuxadoSessionOptions ToChecked(MuxadoListenerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.ListenEndPoint is not (IPEndPoint or UnixDomainSocketEndPoint))
        {
            throw new ArgumentException(
                $"ListenEndPoint must be an IPEndPoint or a UnixDomainSocketEndPoint; it is {options.ListenEndPoint?.GetType().Name ?? "null"}.",
                nameof(options));
        }

        if (options.HandshakeTimeout <= TimeSpan.Zero || options.HandshakeTimeout.TotalMilliseconds > int.MaxValue)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.HandshakeTimeout, $"HandshakeTimeout must be positive and at most {int.MaxValue} ms.");
        }

        if (options.Backlog < 1)
            throw new ArgumentOutOfRangeException(nameof(options), options.Backlog, "Backlog must be at least 1.");
        if (options.Tls is { ServerCertificate: null, ServerCertificateContext: null, ServerCertificateSelectionCallback: null })
        {
            throw new ArgumentException(
                "Tls has no certificate: set its ServerCertificate, ServerCertificateContext or ServerCertificateSelectionCallback.",
                nameof(options));
        }

        return options.SessionOptions?.ToChecked() ?? throw new ArgumentException("SessionOptions must not be null.", nameof(options));
    }

    private static Socket Bind(MuxadoListenerOptions options)
    {
        EndPoint local = options.ListenEndPoint;
        Socket? socket = null;
        try
        {
            socket = new Socket(local.AddressFamily, SocketType.Stream, local is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);

            // Whoever asks for any address means IPv4 as well.
            if (local is IPEndPoint ip && ip.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(local);
            socket.Listen(options.Backlog);
            return socket;
        }
        catch (SocketException exception)
        {
            socket?.Dispose();
            bool isFile = local is UnixDomainSocketEndPoint && exception.SocketErrorCode == SocketError.AddressAlreadyInUse;
            string advice = isFile
                ? "The file exists: another server listens there, or one that ended abruptly left it. If none runs, delete the file."
                : exception.Message;
            throw new MuxadoException(
                MuxadoError.TransportFailed, $"Cannot listen on {local}. {advice}", innerException: exception);
        }
    }

    private async Task AcceptConnectionsAsync()
    {
        TimeSpan retryDelay = FirstRetryDelay;
        try
        {
            while (true)
            {
                await _slots.WaitAsync(_stopping.Token).ConfigureAwait(false);
                try
                {
                    Socket connection = await _socket.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                    // Off this loop: a handshake waits for its peer, and an extension runs user code as its session starts.
                    _ = Task.Run(() => EstablishAsync(connection));
                    retryDelay = FirstRetryDelay;
                }
                catch (Exception exception) when (!_stopping.IsCancellationRequested)
                {
                    _slots.Release();
                    if (IsOfOneConnection(exception))
                        continue;

                    // Out of descriptors or memory: it may be better soon.
                    await Task.Delay(retryDelay, _sessionOptions.TimeProvider, _stopping.Token).ConfigureAwait(false);
                    retryDelay = TimeSpan.FromTicks(Math.Min(retryDelay.Ticks * 2, LongestRetryDelay.Ticks));
                }
            }
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // Disposed: however the socket said so, the loop is done.
        }
    }

    /// <summary>Whether the connection was gone before it was accepted. A peer that does so on purpose must not have others wait.</summary>
    internal static bool IsOfOneConnection(Exception failure) =>
        failure is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted };

    private async Task EstablishAsync(Socket connection)
    {
        MuxadoSession session;
        try
        {
            session = _tls is null
                ? MuxadoSession.CreateServer(connection, _sessionOptions)
                : MuxadoSession.CreateOver(await AuthenticateAsync(connection, _tls).ConfigureAwait(false), isClient: false, _sessionOptions);
        }
        catch (Exception)
        {
            // One connection less; its peer sees it closed.
            connection.Dispose();
            _slots.Release();
            return;
        }

        if (!_ready.Writer.TryWrite(session))
            session.Abort();
    }

    private async Task<StreamTransport> AuthenticateAsync(Socket connection, SslServerAuthenticationOptions tls)
    {
        using var timeout = new CancellationTokenSource(_handshakeTimeout, _sessionOptions.TimeProvider);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopping.Token);
        return await TlsTransport.AuthenticateAsServerAsync(connection, tls, ending.Token).ConfigureAwait(false);
    }
}
