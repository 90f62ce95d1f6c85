using Muxado.Fast.Buffers;

namespace Muxado.Fast.Streams;

/// <content>What a pipe needs besides reading and writing: the unread bytes in their blocks, and an end to a wait without a token.</content>
internal sealed partial class StreamCore
{
    /// <summary>
    /// Hands over what is unread, block by block, with no credit for it yet: that follows what the reader says of it to
    /// <see cref="AcknowledgeExamined"/>. Null if nothing is unread; then <paramref name="failure"/> says whether anything can still come.
    /// </summary>
    public Block? TakeBlocks(int generation, out bool isEnd, out StreamFailure? failure)
    {
        lock (_gate)
        {
            EnsureCurrentLocked(generation);
            if (_read is not null)
                ThrowConcurrent("read");
            if (HasPassedLocked(DueLocked(StreamAlarm.Read)))
                throw DeadlineFailure("read").ToException();
            Block? taken = _unread.TakeBlocks();
            EndUnreadLocked(_host);
            isEnd = AtEndLocked();
            failure = taken is null && !isEnd ? _failure : null;
            if (isEnd)
                SignalReadsClosedLocked();
            return taken;
        }
    }

    /// <summary>The reader has looked at so many of the bytes that it took. Whether it keeps them is its own affair: the peer may send as many more.</summary>
    public void AcknowledgeExamined(int generation, int bytes)
    {
        StreamHost host;
        bool creditGranted;
        lock (_gate)
        {
            if (_generation != generation)
                return;
            host = _host;
            creditGranted = ConsumeLocked(bytes);
        }

        if (creditGranted)
            host.Flush();
    }

    /// <summary>Ends a waiting read with an <see cref="OperationCanceledException"/> of no token; harmless if none waits.</summary>
    public void CancelPendingRead(int generation)
    {
        StreamHost host;
        StreamEffects effects = default;
        lock (_gate)
        {
            if (_generation != generation || _read is not { IsQueued: false } read)
                return;
            host = _host;
            CancelReadLocked(read, new OperationCanceledException(), ref effects);
        }

        effects.Apply(host, this);
    }

    /// <summary>The same for a waiting write.</summary>
    public void CancelPendingWrite(int generation)
    {
        StreamHost host;
        StreamEffects effects = default;
        lock (_gate)
        {
            if (_generation != generation || _write is not { } write)
                return;
            host = _host;
            WithdrawLocked(write, new OperationCanceledException(), ref effects);
        }

        effects.Apply(host, this);
    }
}
