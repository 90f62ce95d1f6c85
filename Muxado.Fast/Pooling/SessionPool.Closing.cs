using Muxado.Fast.Primitives;

namespace Muxado.Fast.Pooling;

/// <content>How sessions leave, how the pool ends, and what can be observed of it.</content>
internal sealed partial class SessionPool
{
    /// <summary>How long a session that takes no more streams may have none that the application uses, at least, before it is closed; it takes at most twice as long.</summary>
    internal static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(30);

    private readonly Action _stateChanged;
    private readonly CancellationTokenSource _stopping = new();
    private volatile bool _isClosed;
    private PooledSession[] _atClose = [];
    private int _changes;

    public MuxadoSessionPoolState GetState()
    {
        lock (_gate)
        {
            return new MuxadoSessionPoolState
            {
                ReadySessions = _ready.Length,
                DrainingSessions = _draining.Count,
                DiallingSessions = _slots.Count(static slot => slot.Phase is SlotPhase.Dialling or SlotPhase.BackingOff),
                ActiveStreams = _ready.Concat(_draining).Sum(static member => member.Session.OutboundStreams),
                WaitingOpens = _waiting,
                LastError = _lastError,
                NextAttempt = _slots.Min(static slot => slot.NextAttempt),
                IsClosed = _isClosed,
            };
        }
    }

    public async ValueTask ShutdownAsync(CancellationToken cancellationToken)
    {
        Close();
        await EndAsync(session => DrainAsync(session, cancellationToken)).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        Close();
        await EndAsync(static session => session.DisposeAsync().AsTask()).ConfigureAwait(false);
    }

    public void Execute()
    {
        // One call at a time: whoever counted from 0 has queued this, and the rest are seen here.
        int seen;
        do
        {
            seen = Volatile.Read(ref _changes);
            try
            {
                _stateChanged();
            }
            catch (Exception)
            {
                // A handler's own failure; there is nobody to tell.
            }
        }
        while (Interlocked.Add(ref _changes, -seen) != 0);
    }

    private void RaiseStateChanged()
    {
        if (Interlocked.Increment(ref _changes) == 1)
            WorkScheduler.ThreadPool.Post(this);
    }

    /// <summary>Ends all that waits, once.</summary>
    private void Close()
    {
        OpenWaiter[] waiters;
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            waiters = [.. _queue];
            _queue.Clear();
            Interlocked.Add(ref _waiting, -waiters.Length);
            _draining.UnionWith(_ready);
            _ready = [];
            _atClose = [.. _draining];
        }

        foreach (OpenWaiter waiter in waiters)
            waiter.SetException(ClosedWhileWaiting());
        try
        {
            _stopping.Cancel();
        }
        catch (AggregateException)
        {
            // A callback of the dial function's own threw. Its attempt is over; there is nobody to tell.
        }

        RaiseStateChanged();
    }

    private async Task EndAsync(Func<MuxadoSession, Task> end)
    {
        try
        {
            await Task.WhenAll([.. _atClose.Select(member => end(member.Session)), .. _slots.Select(static slot => slot.Running)]).ConfigureAwait(false);
        }
        finally
        {
            // Called off or not, the sessions have ended.
            lock (_gate)
                _draining.Clear();
            RaiseStateChanged();
        }
    }

    private async Task DrainAsync(PooledSession member)
    {
        await DrainAsync(member.Session, CancellationToken.None).ConfigureAwait(false);
        lock (_gate)
            _draining.Remove(member);
        RaiseStateChanged();
    }

    /// <summary>
    /// Lets the streams of a session that takes no more finish, and closes it. A server may leave streams open that are of no use here: disposed ones, or its own,
    /// which a pool accepts none of. It must not make sessions pile up with that, nor keep a pool from ending.
    /// </summary>
    private async Task DrainAsync(MuxadoSession session, CancellationToken cancellationToken)
    {
        Task ending = session.ShutdownAsync(cancellationToken).AsTask();
        bool wasUsed = true;
        while (!ending.IsCompleted)
        {
            await ending.WaitAsync(DrainPatience, _options.TimeProvider, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            bool isUsed = IsUsed(session);
            if (!wasUsed && !isUsed)
                await session.CloseAsync(cancellationToken: CancellationToken.None).ConfigureAwait(false);
            wasUsed = isUsed;
        }

        await ending.ConfigureAwait(false);
    }

    private static bool IsUsed(MuxadoSession session) =>
        session.GetSnapshot().Streams.Any(static stream => stream is { IsExtension: false, IsDisposed: false, IsQueued: false });

    private static ObjectDisposedException ClosedWhileWaiting() =>
        new(nameof(MuxadoSessionPool), "The pool was shut down or disposed while this open waited.");
}
