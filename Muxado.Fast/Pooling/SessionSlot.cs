using Polly;

namespace Muxado.Fast.Pooling;

/// <summary>What a slot is doing.</summary>
internal enum SlotPhase
{
    /// <summary>Not wanted at the moment.</summary>
    Idle,

    Dialling,

    /// <summary>An attempt failed; the next waits for its time.</summary>
    BackingOff,

    /// <summary>It has a session, which takes streams.</summary>
    Holding,

    /// <summary>Its session takes no more streams; whether a pause is due before the next is about to be decided.</summary>
    Leaving,
}

/// <summary>
/// One of the places for a session. It dials, holds the session until that takes no more streams, and is then free for the next. To
/// Polly all of that is one attempt, and it has failed if the session did not last: so a server that accepts connections only to drop
/// them meets the same growing pauses as one that cannot be reached.
/// </summary>
/// <remarks>
/// Owner: its pool.
/// Threading: one run at a time, started by the pool. <see cref="Phase"/>, <see cref="NextAttempt"/> and <see cref="IsBereft"/> are guarded by the pool's lock.
/// Reuse: run again whenever the pool wants another session.
/// </remarks>
internal sealed class SessionSlot
{
    /// <summary>A session that takes streams for less than this was of no use, and counts as a failed attempt.</summary>
    internal static readonly TimeSpan ProvingTime = TimeSpan.FromSeconds(5);

    private readonly SessionPool _pool;
    private readonly MuxadoSessionPoolOptions _options;
    private readonly Func<CancellationToken, ValueTask<MuxadoSession>> _dial;
    private readonly TimeSpan _idleTimeout;
    private ResiliencePipeline? _attempts;

    public SessionSlot(SessionPool pool, MuxadoSessionPoolOptions options, Func<CancellationToken, ValueTask<MuxadoSession>> dial)
    {
        _pool = pool;
        _options = options;
        _dial = dial;

        // Rounded up: a timer waits whole milliseconds, and a wait of none would look again and again without a pause.
        _idleTimeout = TimeSpan.FromMilliseconds(Math.Ceiling(options.IdleTimeout.TotalMilliseconds));
    }

    public SlotPhase Phase { get; set; }

    public DateTimeOffset? NextAttempt { get; set; }

    /// <summary>Whether it has lost a session that had lasted, and no slot has dialled since.</summary>
    public bool IsBereft { get; set; }

    /// <summary>Ends with the latest run. Never faults.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Starts a run, away from the caller: dialling runs foreign code.</summary>
    public void Start(CancellationToken stopping)
    {
        // The run outlives the open that happens to start it, and must not keep that caller's ambient context.
        using AsyncFlowControl flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        Running = Task.Run(() => RunAsync(stopping), CancellationToken.None);
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        _attempts ??= Backoff.ForDialling(_options, (failure, delay) => _pool.OnAttemptFailed(this, failure, delay));
        bool hadLasting = false;
        try
        {
            hadLasting = await _attempts.ExecuteAsync(static (slot, token) => slot.AttemptAsync(token), this, stopping).ConfigureAwait(false);
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // The pool is closing, and ends its sessions itself.
        }

        _pool.OnRunEnded(this, hadLasting);
    }

    /// <summary>Ends when the slot needs its session no more. True: it had one, and that had lasted.</summary>
    private async ValueTask<bool> AttemptAsync(CancellationToken stopping)
    {
        if (!_pool.TryBeginAttempt(this))
            return false;
        var member = new PooledSession(await DialAsync(stopping).ConfigureAwait(false), this, _options.TimeProvider.GetTimestamp());
        member.Session.Watch(_pool);
        if (!_pool.TryAdd(member))
        {
            await member.Session.DisposeAsync().ConfigureAwait(false);
            return false;
        }

        bool wasIdle = await WaitUntilUselessAsync(member, stopping).ConfigureAwait(false);
        _pool.Retire(member);
        TimeSpan lasted = _options.TimeProvider.GetElapsedTime(member.Born);
        bool hasLasted = lasted >= ProvingTime;
        return hasLasted || wasIdle ? hasLasted : throw ShortLived(member.Session, lasted);
    }

    private async ValueTask<MuxadoSession> DialAsync(CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(_options.DialTimeout, _options.TimeProvider);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        try
        {
            MuxadoSession? session = await _dial(ending.Token).ConfigureAwait(false);
            return session ?? throw new InvalidOperationException("The dial function returned null; it must return a new session or throw.");
        }
        catch (OperationCanceledException exception) when (!stopping.IsCancellationRequested && timeout.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"Dialling took longer than {_options.DialTimeout.TotalSeconds:0.###} s ({nameof(MuxadoSessionPoolOptions.DialTimeout)}).", exception);
        }
    }

    /// <summary>Ends when the session takes no more streams. True: because nobody needs it.</summary>
    private async ValueTask<bool> WaitUntilUselessAsync(PooledSession member, CancellationToken stopping)
    {
        Task goingAway = member.Session.GoingAway;
        while (true)
        {
            await goingAway.WaitAsync(_idleTimeout, _options.TimeProvider, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stopping.ThrowIfCancellationRequested();
            if (goingAway.IsCompleted)
                return false;
            if (_pool.TryRetireIdle(member))
                return true;
        }
    }

    private static MuxadoException ShortLived(MuxadoSession session, TimeSpan lasted)
    {
        Exception? reason = session.Completion.IsCompleted ? session.Completion.Result.Exception : null;
        return new MuxadoException(
            MuxadoError.TransportFailed,
            $"A session took streams for only {lasted.TotalSeconds:0.###} s: {reason?.Message ?? "the server is going away."}",
            isRetrySafe: true,
            innerException: reason);
    }
}
