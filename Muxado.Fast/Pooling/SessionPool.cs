using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Muxado.Fast.Sessions;

namespace Muxado.Fast.Pooling;

/// <summary>
/// Places streams on sessions: which sessions there are, and when another is dialled. Opens that wait are in SessionPool.Waiting.cs,
/// the end and what can be observed in SessionPool.Closing.cs.
/// </summary>
/// <remarks>
/// Owner: its MuxadoSessionPool.
/// Threading: any thread. <see cref="_gate"/> guards all lists and the slots' phases; nothing is called under it. The list of ready
/// sessions is replaced, never changed, so that an open reads it without the lock.
/// Invariants: one slot dials at a time, for the session that is lacking. While opens wait, <see cref="TryOpen"/> declines, so nobody
/// overtakes them.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The token source is cancelled at the end and owns no handle.")]
internal sealed partial class SessionPool : ISessionWatcher, IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly MuxadoSessionPoolOptions _options;
    private readonly SessionSlot[] _slots;

    /// <summary>When each ready session has as many streams, another is dialled: at half the cap, so that as a rule nobody waits for it.</summary>
    private readonly int _growAt;

    private readonly HashSet<PooledSession> _draining = [];
    private volatile PooledSession[] _ready = [];
    private volatile bool _isDialling;
    private bool _isStarted;
    private Exception? _lastError;

    public SessionPool(Func<CancellationToken, ValueTask<MuxadoSession>> dial, MuxadoSessionPoolOptions options, Action stateChanged)
    {
        _options = options;
        _stateChanged = stateChanged;
        _growAt = Math.Max(1, options.MaxStreamsPerSession / 2);
        _slots = new SessionSlot[options.MaxSessions];
        for (int i = 0; i < _slots.Length; i++)
            _slots[i] = new SessionSlot(this, options, dial);
    }

    /// <summary>Opens a stream if that can be done at once, and nobody waits.</summary>
    public bool TryOpen(MuxadoStreamOptions options, out MuxadoStreamHandle handle)
    {
        if (!HasWaiters)
            return TryPlace(options, out handle);
        handle = default;
        return false;
    }

    public void OnOutboundClosed()
    {
        if (HasWaiters)
            ServeWaiters();
    }

    /// <summary>Whether the slot is to dial, now that it could: after a pause it may not be wanted any more.</summary>
    public bool TryBeginAttempt(SessionSlot slot)
    {
        bool isWanted;
        lock (_gate)
        {
            SetPhaseLocked(slot, SlotPhase.Dialling);

            // Of several that paused, the first one dials. The others find it dialling, or its session ready.
            isWanted = !_isClosed && !OthersDialLocked(slot) && LacksSessionsLocked();
        }

        RaiseStateChanged();
        return isWanted;
    }

    /// <summary>A new session takes streams from now on, unless the pool has been closed meanwhile.</summary>
    public bool TryAdd(PooledSession member)
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;
            SetPhaseLocked(member.Slot, SlotPhase.Holding);
            _ready = [.. _ready, member];
            _lastError = null;
        }

        RaiseStateChanged();
        ServeWaiters();
        EnsureSessions();
        return true;
    }

    /// <summary>The attempt to have a session failed; the next follows after a while.</summary>
    public void OnAttemptFailed(SessionSlot slot, Exception failure, TimeSpan delay)
    {
        lock (_gate)
        {
            SetPhaseLocked(slot, SlotPhase.BackingOff);
            slot.NextAttempt = _options.TimeProvider.GetUtcNow() + delay;
            _lastError = failure;
        }

        RaiseStateChanged();
        EnsureSessions(); // A slot may have lost a lasting session at the same moment, and have left it to this one.
    }

    /// <summary>The slot is free.</summary>
    /// <param name="slot">Which.</param>
    /// <param name="hadLasting">Whether it has just lost a session that had lasted.</param>
    public void OnRunEnded(SessionSlot slot, bool hadLasting)
    {
        lock (_gate)
        {
            SetPhaseLocked(slot, SlotPhase.Idle);
            slot.IsBereft = hadLasting;
        }

        RaiseStateChanged();
        EnsureSessions();
    }

    /// <summary>A session that nobody has used for a while, and that is more than have to be kept, takes no more streams.</summary>
    public bool TryRetireIdle(PooledSession member)
    {
        lock (_gate)
        {
            if (!member.IsIdleSinceLastCheck() || _ready.Length <= _options.MinSessions)
                return false;
            RemoveLocked(member);
            return true;
        }
    }

    /// <summary>The session takes no more streams; once those that are open have finished, it is closed.</summary>
    public void Retire(PooledSession member)
    {
        lock (_gate)
            RemoveLocked(member);
        RaiseStateChanged();
        _ = DrainAsync(member);
    }

    /// <summary>Opens a stream on the least loaded session that has room for it.</summary>
    private bool TryPlace(MuxadoStreamOptions options, out MuxadoStreamHandle handle)
    {
        while (FindLeastLoaded() is { } member)
        {
            if (member.Session.TryOpenHandle(options, _options.MaxStreamsPerSession, out handle, out bool isRefused))
            {
                member.MarkUsed();
                if (!_isDialling && member.Session.OutboundStreams >= _growAt && _ready.Length < _slots.Length)
                    EnsureSessions();
                return true;
            }

            // Its slot is about to learn of it too; until then the session must not be found again.
            if (isRefused)
            {
                lock (_gate)
                    RemoveLocked(member);
            }
        }

        handle = default;
        return false;
    }

    private PooledSession? FindLeastLoaded()
    {
        PooledSession? least = null;
        int fewest = _options.MaxStreamsPerSession;
        foreach (PooledSession member in _ready)
        {
            int streams = member.Session.OutboundStreams;
            if (streams < fewest)
            {
                fewest = streams;
                least = member;
            }
        }

        return least;
    }

    /// <summary>
    /// Starts a slot if another session is wanted. Failures of others say nothing against the server of one that has just lost a session that had lasted: if
    /// there is no session, it waits for no pause of theirs.
    /// </summary>
    private void EnsureSessions()
    {
        SessionSlot? free;
        lock (_gate)
        {
            if (_isClosed || !_isStarted)
                return;
            if (!_isDialling)
                free = Array.Find(_slots, static slot => slot.Phase == SlotPhase.Idle);
            else
                free = _ready.Length == 0 ? Array.Find(_slots, slot => slot is { Phase: SlotPhase.Idle, IsBereft: true } && !OthersDialLocked(slot)) : null;
            if (free is null || !LacksSessionsLocked())
                return;
            SetPhaseLocked(free, SlotPhase.Dialling);
        }

        free.Start(_stopping.Token);
    }

    /// <summary>Whether there should be one more session than there are.</summary>
    private bool LacksSessionsLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        PooledSession[] ready = _ready;
        if (ready.Length < _options.MinSessions || (ready.Length == 0 && _waiting > 0))
            return true;
        return ready.Length > 0 && ready.Length < _slots.Length && Array.TrueForAll(ready, member => member.Session.OutboundStreams >= _growAt);
    }

    /// <summary>Whether another slot dials, or is about to decide whether it does.</summary>
    private bool OthersDialLocked(SessionSlot slot)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        return Array.Exists(_slots, other => other != slot && other.Phase is SlotPhase.Dialling or SlotPhase.Leaving);
    }

    private void SetPhaseLocked(SessionSlot slot, SlotPhase phase)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        slot.Phase = phase;
        slot.NextAttempt = null;
        if (phase == SlotPhase.Dialling)
            Array.ForEach(_slots, static other => other.IsBereft = false); // This attempt is for all of them.
        _isDialling = Array.Exists(_slots, static other => other.Phase is SlotPhase.Dialling or SlotPhase.BackingOff or SlotPhase.Leaving);
    }

    /// <summary>The session takes no more streams. Its slot decides about the next; no other may, or a pause that is due would be evaded.</summary>
    private void RemoveLocked(PooledSession member)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        if (!_ready.Contains(member))
            return;
        _ready = Array.FindAll(_ready, other => other != member);
        _draining.Add(member);
        SetPhaseLocked(member.Slot, SlotPhase.Leaving);
    }
}
