namespace Muxado.Fast.Pooling;

/// <summary>A session that a pool has dialled.</summary>
/// <remarks>
/// Owner: the pool, from the dial until the session has ended.
/// Threading: any thread; membership in the pool's lists is guarded by the pool's lock.
/// </remarks>
internal sealed class PooledSession(MuxadoSession session, SessionSlot slot, long born)
{
    private bool _isUsed;

    public MuxadoSession Session => session;

    /// <summary>Whose session it is.</summary>
    public SessionSlot Slot => slot;

    /// <summary>When it was made, on the pool's clock.</summary>
    public long Born => born;

    public void MarkUsed()
    {
        // Shared by all who open: read every time, but written only once after each check.
        if (!Volatile.Read(ref _isUsed))
            Volatile.Write(ref _isUsed, true);
    }

    /// <summary>Whether no stream was opened since the last call, and none is open.</summary>
    public bool IsIdleSinceLastCheck() => !Interlocked.Exchange(ref _isUsed, false) && session.OutboundStreams == 0;
}
