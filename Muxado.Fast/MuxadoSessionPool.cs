using Muxado.Fast.Pooling;
using Polly;

namespace Muxado.Fast;

/// <summary>
/// Sessions to one server, dialled when they are needed and replaced when they end or the server goes away. Streams are opened on the
/// one that has the fewest.
/// </summary>
/// <remarks>
/// Owner: the application, which disposes it; it owns the sessions it dials.
/// Threading: all members may be called at any time, from any thread.
/// Invariants: while opens wait, later ones wait behind them. No session carries more of the pool's streams than
/// <see cref="MuxadoSessionPoolOptions.MaxStreamsPerSession"/>.
/// Reuse: none.
/// </remarks>
public sealed class MuxadoSessionPool : IAsyncDisposable
{
    private readonly SessionPool _pool;
    private readonly ResiliencePipeline _retry;

    /// <summary>Creates a pool that dials a server with <see cref="MuxadoSession.ConnectAsync"/>. Nothing is dialled before the first open.</summary>
    /// <param name="server">Where and how to dial, and the sessions' options. Copied, but for the TLS options, which are kept; a host name is looked up at every attempt.</param>
    /// <param name="options">Limits and timings of the pool; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its range; the message names it.</exception>
    public MuxadoSessionPool(MuxadoClientOptions server, MuxadoSessionPoolOptions? options = null)
        : this(Dialling(server), options)
    {
    }

    /// <summary>Creates a pool over a transport of the application's own. Nothing is dialled before the first open.</summary>
    /// <param name="dial">
    /// Makes a new session, which the pool then owns. Its token ends when <see cref="MuxadoSessionPoolOptions.DialTimeout"/> has passed or the
    /// pool is closed; it must heed that. Whatever it throws counts as a failed attempt. Called on the thread pool,
    /// in nobody's ambient context (<see cref="AsyncLocal{T}"/>): whoever opened a stream first may be gone long since.
    /// </param>
    /// <param name="options">Limits and timings of the pool; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its range; the message names it.</exception>
    public MuxadoSessionPool(Func<CancellationToken, ValueTask<MuxadoSession>> dial, MuxadoSessionPoolOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(dial);
        MuxadoSessionPoolOptions check = (options ?? new MuxadoSessionPoolOptions()).ToChecked();
        _pool = new SessionPool(dial, check, () => StateChanged?.Invoke(this, EventArgs.Empty));
        _retry = Backoff.ForOperations(check);
    }

    /// <summary>
    /// Raised after sessions came, went, or could not be made, and when the pool is closed; <see cref="State"/> says what is. Not raised for
    /// single streams and opens. Called on the thread pool, one call at a time; several changes may come as one. What a handler throws is ignored, and
    /// keeps that call from those that were added after it.
    /// </summary>
    public event EventHandler? StateChanged;

    /// <summary>What the pool is doing at this moment.</summary>
    public MuxadoSessionPoolState State => _pool.GetState();

    /// <summary>
    /// Opens a stream on the session that has the fewest. Does not wait while one has room; otherwise waits, first come first served, for a
    /// session to be dialled, again and again with growing pauses if need be, or for a stream to close.
    /// </summary>
    /// <param name="options">Priority, type, and whether this side writes at all.</param>
    /// <param name="cancellationToken">Ends the wait at once. A session that is being dialled is dialled all the same, for the next open.</param>
    /// <exception cref="MuxadoException">
    /// <see cref="MuxadoError.DeadlineExceeded"/>: nothing could be opened within <see cref="MuxadoSessionPoolOptions.OpenTimeout"/>. The inner
    /// exception is why the latest attempt to dial failed, if one did.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The stream type is reserved for extensions.</exception>
    /// <exception cref="ObjectDisposedException">The pool was shut down or disposed, before the call or while it waited.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<MuxadoStream> OpenStreamAsync(MuxadoStreamOptions options = default, CancellationToken cancellationToken = default)
    {
        MuxadoSession.Check(options);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<MuxadoStream>(cancellationToken);
        return _pool.TryOpen(options, out MuxadoStreamHandle handle)
            ? new ValueTask<MuxadoStream>(handle.AsStream())
            : OpenSlowAsync(options, cancellationToken);
    }

    /// <summary>Opens a stream as an allocation-free handle.</summary>
    /// <inheritdoc cref="OpenStreamAsync"/>
    public ValueTask<MuxadoStreamHandle> OpenHandleAsync(MuxadoStreamOptions options = default, CancellationToken cancellationToken = default)
    {
        MuxadoSession.Check(options);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<MuxadoStreamHandle>(cancellationToken);
        return _pool.TryOpen(options, out MuxadoStreamHandle handle)
            ? new ValueTask<MuxadoStreamHandle>(handle)
            : _pool.OpenSlowAsync(options, cancellationToken);
    }

    /// <summary>Opens a stream for an HTTP connection; fits <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <param name="context">What the handler connects to: it is the pool's server, whatever the address says.</param>
    /// <param name="cancellationToken">Ends the wait for a session.</param>
    /// <inheritdoc cref="OpenStreamAsync" path="/exception"/>
    public async ValueTask<Stream> ConnectHttpAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        await OpenStreamAsync(default, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Runs an operation on a stream of its own, and repeats it on another when it failed before the server's application can have seen the
    /// stream: the operation threw a <see cref="MuxadoException"/> that <see cref="MuxadoException.IsRetrySafe"/>, itself or as an inner one.
    /// So the operation happens once at most on the server. Anything else that it throws is passed on.
    /// </summary>
    /// <remarks>
    /// Repeated at most <see cref="MuxadoSessionPoolOptions.MaxRetries"/> times: at once when the session went away or ended, after a
    /// pause when the server refused the stream or the first repetition failed too. The stream is disposed afterwards, and reset if the
    /// operation threw. An operation that uses streams of its own beside the given one must not let their exceptions out: their safety is not its own.
    /// </remarks>
    /// <param name="operation">Gets the stream and the token; it may be called several times, one call after the other.</param>
    /// <param name="options">Priority, type, and whether this side writes at all.</param>
    /// <param name="cancellationToken">Given to the operation; also ends the wait for a stream and the pauses.</param>
    /// <inheritdoc cref="OpenStreamAsync" path="/exception"/>
    public ValueTask<T> ExecuteAsync<T>(
        Func<MuxadoStream, CancellationToken, ValueTask<T>> operation, MuxadoStreamOptions options = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return _retry.ExecuteAsync(
            static (call, token) => call.Pool.RunAsync(call.Operation, call.Options, token), (Pool: this, Operation: operation, Options: options), cancellationToken);
    }

    /// <summary>The same, for an operation without a result.</summary>
    /// <inheritdoc cref="ExecuteAsync{T}"/>
    public async ValueTask ExecuteAsync(
        Func<MuxadoStream, CancellationToken, ValueTask> operation, MuxadoStreamOptions options = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(operation);
        await ExecuteAsync(
            async (stream, token) =>
            {
                await operation(stream, token).ConfigureAwait(false);
                return true;
            },
            options,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends gracefully: opens fail from now on, waiting ones too, and attempts to dial stop; each session tells the server, waits until its
    /// streams are closed on the wire, and closes. Streams that the application has disposed, or that the server opened, are waited for a minute at most. A
    /// dial that is under way is waited for, too: its token has ended.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait for streams: the sessions are aborted.</param>
    /// <exception cref="OperationCanceledException">The token ended the wait.</exception>
    public ValueTask ShutdownAsync(CancellationToken cancellationToken = default) => _pool.ShutdownAsync(cancellationToken);

    /// <summary>
    /// Closes the sessions without waiting for streams, which fail. Opens fail from now on, waiting ones too. Takes at most the sessions'
    /// <see cref="MuxadoSessionOptions.CloseTimeout"/>, and as long as a dial that is under way takes to heed its token. Disposing again is harmless.
    /// </summary>
    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    private static Func<CancellationToken, ValueTask<MuxadoSession>> Dialling(MuxadoClientOptions server)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(server.RemoteEndPoint);
        var copy = (MuxadoClientOptions)server.ToChecked();
        return token => MuxadoSession.ConnectAsync(copy, token);
    }

    private async ValueTask<MuxadoStream> OpenSlowAsync(MuxadoStreamOptions options, CancellationToken cancellationToken) =>
        (await _pool.OpenSlowAsync(options, cancellationToken).ConfigureAwait(false)).AsStream();

    private async ValueTask<T> RunAsync<T>(
        Func<MuxadoStream, CancellationToken, ValueTask<T>> operation, MuxadoStreamOptions options, CancellationToken cancellationToken)
    {
        MuxadoStream stream = await OpenStreamAsync(options, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            try
            {
                return await operation(stream, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                AbortUnlessDisposed(stream); // A half-close would pass half a request for a whole one.
                throw;
            }
        }
    }

    private static void AbortUnlessDisposed(MuxadoStream stream)
    {
        try
        {
            stream.Abort();
        }
        catch (ObjectDisposedException)
        {
            // The operation has let go of it already.
        }
    }
}
