using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Muxado.Fast.Sessions;
using Muxado.Fast.Transport;

namespace Muxado.Fast;

/// <summary>
/// A connection that carries many streams. Either side opens streams and accepts the other's; each stream is a full-duplex byte
/// stream of its own.
/// </summary>
/// <remarks>
/// Thread-safe. The session owns its transport. Disposing it closes it; its streams then fail, after what they had received is read.
/// </remarks>
public sealed class MuxadoSession : IAsyncDisposable
{
    private readonly SessionEngine _engine;

    private MuxadoSession(ByteTransport transport, bool isClient, MuxadoSessionOptions options)
    {
        _engine = new SessionEngine(this, transport, isClient, options);
    }

    /// <summary>Ends when the session has ended, with the reason. Never faults; any number of waiters.</summary>
    public Task<MuxadoSessionCloseInfo> Completion => _engine.Completion;

    /// <summary>
    /// Ends when this side can open no more streams: the peer has sent GOAWAY, <see cref="ShutdownAsync"/> was called, an open has failed
    /// because the ids are used up, or the session has ended. Streams that are open go on, except at the session's end. Never faults; any
    /// number of waiters.
    /// </summary>
    public Task GoingAway => _engine.Streams.OpensRefused;

    /// <summary>Whether this side dialled. The two sides of a session differ only in the ids of the streams they open.</summary>
    public bool IsClient => _engine.IsClient;

    /// <summary>The application's streams, of both sides, that are open on the wire at this moment.</summary>
    public int ActiveStreams => _engine.Streams.ActiveStreams;

    /// <summary>The latest round trip that a heartbeat measured, or null before the first.</summary>
    public TimeSpan? RoundTripTime => _engine.RoundTripTime;

    /// <summary>This side's address, or null when the transport has none.</summary>
    public EndPoint? LocalEndPoint => _engine.Transport.LocalEndPoint;

    /// <summary>The peer's address, or null when the transport has none.</summary>
    public EndPoint? RemoteEndPoint => _engine.Transport.RemoteEndPoint;

    /// <summary>
    /// What the session and each of its streams are doing. For people and dashboards: it walks through all streams and allocates. May be
    /// called at any time, also after the end, from any thread.
    /// </summary>
    public MuxadoSessionSnapshot GetSnapshot() => _engine.GetSnapshot();

    /// <summary>The application's streams that this side opened and that are open on the wire.</summary>
    internal int OutboundStreams => _engine.Streams.OutboundStreams;

    /// <summary>Dials a server over TCP or a Unix domain socket, with TLS when <see cref="MuxadoClientOptions.Tls"/> is set.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="cancellationToken">Ends the attempt and closes the connection.</param>
    /// <exception cref="SocketException">The connection could not be made.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The TLS handshake failed.</exception>
    /// <exception cref="IOException">The connection was lost during the TLS handshake.</exception>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async ValueTask<MuxadoSession> ConnectAsync(MuxadoClientOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.RemoteEndPoint);
        MuxadoSessionOptions check = options.ToChecked();
        ByteTransport transport = await Dialer.ConnectAsync(options.RemoteEndPoint, options.Tls, cancellationToken).ConfigureAwait(false);
        return Start(transport, isClient: true, check);
    }

    /// <summary>Runs a session over a connected socket, as the side that dialled.</summary>
    /// <param name="connected">A connected stream socket, TCP or Unix domain. The session owns it from now on.</param>
    /// <param name="options">Limits and timings; null for the defaults.</param>
    /// <exception cref="ArgumentException">The socket is not a connected stream socket, or an option is out of its range.</exception>
    public static MuxadoSession CreateClient(Socket connected, MuxadoSessionOptions? options = null) =>
        CreateOver(connected, isClient: true, options);

    /// <summary>Runs a session over a connected socket, as the side that was dialled.</summary>
    /// <inheritdoc cref="CreateClient(Socket, MuxadoSessionOptions?)"/>
    public static MuxadoSession CreateServer(Socket connected, MuxadoSessionOptions? options = null) =>
        CreateOver(connected, isClient: false, options);

    /// <summary>Runs a session over any duplex stream, such as an SslStream or a pipe, as the side that dialled.</summary>
    /// <param name="transport">Readable and writable at the same time. The session owns it from now on.</param>
    /// <param name="options">Limits and timings; null for the defaults.</param>
    /// <exception cref="ArgumentException">The stream cannot be read and written, or an option is out of its range.</exception>
    public static MuxadoSession CreateClient(Stream transport, MuxadoSessionOptions? options = null) =>
        CreateOver(transport, isClient: true, options);

    /// <summary>Runs a session over any duplex stream, such as an SslStream or a pipe, as the side that was dialled.</summary>
    /// <inheritdoc cref="CreateClient(Stream, MuxadoSessionOptions?)"/>
    public static MuxadoSession CreateServer(Stream transport, MuxadoSessionOptions? options = null) =>
        CreateOver(transport, isClient: false, options);

    /// <summary>Opens a stream. Never waits for the peer: the stream can be written to at once.</summary>
    /// <remarks>The peer learns of it with the first write, at the latest when a read waits or some 20 milliseconds later.</remarks>
    /// <param name="options">Priority, type, and whether this side writes at all.</param>
    /// <exception cref="MuxadoException">The session has ended, is going away, or has no ids left.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The stream type is reserved for extensions.</exception>
    public MuxadoStream OpenStream(MuxadoStreamOptions options = default) => OpenHandle(options).AsStream();

    /// <summary>The same as <see cref="OpenStream"/>, as a task: opening never waits.</summary>
    /// <inheritdoc cref="OpenStream"/>
    /// <param name="options">Priority, type, and whether this side writes at all.</param>
    /// <param name="cancellationToken">Looked at before opening.</param>
    public ValueTask<MuxadoStream> OpenStreamAsync(MuxadoStreamOptions options = default, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<MuxadoStream>(cancellationToken)
            : TryOpen(options);

    /// <summary>Opens a stream as an allocation-free handle.</summary>
    /// <inheritdoc cref="OpenStream"/>
    public MuxadoStreamHandle OpenHandle(MuxadoStreamOptions options = default)
    {
        Check(options);
        return _engine.Open(options, isExtension: false);
    }

    /// <summary>Takes the next stream that the peer has opened, waiting for one. Any number of callers may wait.</summary>
    /// <param name="cancellationToken">Ends the wait at once; no stream is lost.</param>
    /// <exception cref="MuxadoException">
    /// The session has ended, and none of the streams that came before is left: they were taken, or dropped because this side closed, shut down
    /// or aborted the session.
    /// </exception>
    public ValueTask<MuxadoStream> AcceptStreamAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<MuxadoStream>(cancellationToken);
        MuxadoStreamHandle accepted = _engine.Accept(cancellationToken, out AcceptOperation? waiter);
        return waiter is null ? new ValueTask<MuxadoStream>(accepted.AsStream()) : new ValueTask<MuxadoStream>(waiter, waiter.Version);
    }

    /// <summary>Takes the next stream that the peer has opened as an allocation-free handle.</summary>
    /// <inheritdoc cref="AcceptStreamAsync"/>
    public ValueTask<MuxadoStreamHandle> AcceptHandleAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<MuxadoStreamHandle>(cancellationToken);
        MuxadoStreamHandle accepted = _engine.Accept(cancellationToken, out AcceptOperation? waiter);
        return waiter is null ? new ValueTask<MuxadoStreamHandle>(accepted) : new ValueTask<MuxadoStreamHandle>(waiter, waiter.Version);
    }

    /// <summary>Every stream that the peer opens. Ends with the session; <see cref="Completion"/> says why it ended.</summary>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    public async IAsyncEnumerable<MuxadoStream> AcceptStreamsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            MuxadoStream stream;
            try
            {
                stream = await AcceptStreamAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (MuxadoException)
            {
                yield break;
            }

            yield return stream;
        }
    }

    /// <summary>Opens a stream for an HTTP request; fits <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <param name="context">What the handler connects to: it is the session's peer, whatever the address says.</param>
    /// <param name="cancellationToken">Looked at before opening.</param>
    public async ValueTask<Stream> ConnectHttpAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        await OpenStreamAsync(default, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Tells the peer to open no more streams (GOAWAY) and refuses those it still opens. Live streams go on, and this side may go on
    /// opening.
    /// </summary>
    /// <remarks>
    /// Each call on an open session sends one more GOAWAY, and its close another. A peer that is Muxado.Fast ends the session at the 17th, by its default
    /// of <see cref="MuxadoSessionOptions.MaxGoAways"/>.
    /// </remarks>
    /// <param name="code">Why.</param>
    /// <param name="debug">For the peer's log: at most 1,024 bytes.</param>
    /// <param name="cancellationToken">Looked at before sending.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="debug"/> is too long.</exception>
    public ValueTask GoAwayAsync(MuxadoErrorCode code = default, ReadOnlyMemory<byte> debug = default, CancellationToken cancellationToken = default)
    {
        if (debug.Length > Framing.Wire.MaxGoAwayDebugBytes)
            throw new ArgumentOutOfRangeException(nameof(debug), debug.Length, $"At most {Framing.Wire.MaxGoAwayDebugBytes} debug bytes can be sent.");
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        _engine.GoAway(code, debug.Span);
        return default;
    }

    /// <summary>Ends gracefully: GOAWAY, no new streams on either side, wait until the live ones are closed on the wire, then close.</summary>
    /// <remarks>However often it is called, it sends at most one GOAWAY of its own; the close sends another.</remarks>
    /// <param name="cancellationToken">Ends the wait: the session is aborted.</param>
    /// <exception cref="OperationCanceledException">The token ended the wait.</exception>
    public ValueTask ShutdownAsync(CancellationToken cancellationToken = default) => _engine.ShutdownAsync(cancellationToken);

    /// <summary>
    /// Closes without waiting for streams: they fail, what is queued is sent and GOAWAY after it, then the transport is closed.
    /// Takes at most <see cref="MuxadoSessionOptions.CloseTimeout"/>. Harmless when the session has ended.
    /// </summary>
    /// <param name="code">Tells the peer why.</param>
    /// <param name="cancellationToken">Ends the wait: the transport is cut.</param>
    /// <exception cref="OperationCanceledException">The token ended the wait.</exception>
    public ValueTask CloseAsync(MuxadoErrorCode code = default, CancellationToken cancellationToken = default) =>
        _engine.CloseAsync(code, cancellationToken);

    /// <summary>Cuts the transport at once, without a word to the peer. Pending operations end with <see cref="MuxadoError.SessionAborted"/>.</summary>
    public void Abort() => _engine.Abort();

    /// <summary>The same as <see cref="CloseAsync"/> with <see cref="MuxadoErrorCode.NoError"/>.</summary>
    public ValueTask DisposeAsync() => _engine.CloseAsync(MuxadoErrorCode.NoError, CancellationToken.None);

    /// <exception cref="ArgumentOutOfRangeException">The stream type is reserved for extensions.</exception>
    internal static void Check(MuxadoStreamOptions options)
    {
        if (options.StreamType >= MuxadoExtension.FirstReservedStreamType)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.StreamType, $"{nameof(MuxadoStreamOptions.StreamType)} must be below 0xFFFFFEFF: higher ones are reserved for extensions.");
        }
    }

    /// <summary>Opens a stream unless this side has so many open already, or can open none any more.</summary>
    internal bool TryOpenHandle(MuxadoStreamOptions options, int maxOutbound, out MuxadoStreamHandle handle, out bool isRefused) =>
        _engine.TryOpen(options, maxOutbound, out handle, out isRefused);

    /// <summary>Has a pool told of streams that close. A session belongs to one pool.</summary>
    /// <exception cref="InvalidOperationException">The session belongs to a pool already.</exception>
    internal void Watch(ISessionWatcher watcher)
    {
        if (_engine.Watcher is not null)
            throw new InvalidOperationException("The session belongs to a pool already: a pool's dial function must make a new one at every call.");
        _engine.Watcher = watcher;
    }

    internal static MuxadoSession CreateOver(ByteTransport transport, bool isClient, MuxadoSessionOptions options) =>
        Start(transport, isClient, options.ToChecked());

    private ValueTask<MuxadoStream> TryOpen(MuxadoStreamOptions options)
    {
        try
        {
            return new ValueTask<MuxadoStream>(OpenStream(options));
        }
        catch (MuxadoException exception)
        {
            return ValueTask.FromException<MuxadoStream>(exception);
        }
    }

    private static MuxadoSession CreateOver(Socket connected, bool isClient, MuxadoSessionOptions? options)
    {
        ArgumentNullException.ThrowIfNull(connected);
        MuxadoSessionOptions check = (options ?? new MuxadoSessionOptions()).ToChecked();
        if (connected.SocketType != SocketType.Stream || !connected.Connected)
            throw new ArgumentException("The socket must be a connected stream socket.", nameof(connected));
        return Start(new SocketTransport(connected), isClient, check);
    }

    private static MuxadoSession CreateOver(Stream transport, bool isClient, MuxadoSessionOptions? options)
    {
        ArgumentNullException.ThrowIfNull(transport);
        MuxadoSessionOptions check = (options ?? new MuxadoSessionOptions()).ToChecked();
        if (!transport.CanRead || !transport.CanWrite)
            throw new ArgumentException("The transport must be readable and writable.", nameof(transport));
        return Start(new StreamTransport(transport), isClient, check);
    }

    private static MuxadoSession Start(ByteTransport transport, bool isClient, MuxadoSessionOptions options)
    {
        var session = new MuxadoSession(transport, isClient, options);
        session._engine.Start();
        return session;
    }
}
