using Muxado.Fast.Buffers;
using Muxado.Fast.Primitives;

namespace Muxado.Fast.Streams;

/// <summary>What a stream asks of its session. Sessions implement it; streams know nothing else of them.</summary>
/// <remarks>
/// Threading: Flush, FlushBeforeWait, FlushBeforeBlocking, Complete, OnWireClosed and OnReleased must be called with no lock held,
/// because they may send, run a completion, or take the registry's lock. All others may be called under a stream's lock.
/// </remarks>
internal abstract class StreamHost
{
    public abstract BlockPool Blocks { get; }

    /// <summary>The session's monotonic clock, in its own ticks.</summary>
    public abstract long Now { get; }

    /// <summary>How long a writer at window 0 waits after the peer's FIN before it asks whether the stream is still there.</summary>
    public abstract TimeSpan ProbeInterval { get; }

    /// <summary>A receive window half used up in less time than this holds its sender up, on the session's clock.</summary>
    public abstract long BottleneckTicks { get; }

    public abstract int MaxReceiveWindow { get; }

    /// <summary>Whether anybody wants to know for how long streams are held up. Otherwise nobody looks at the clock for it.</summary>
    public abstract bool MeasuresWaits { get; }

    /// <summary>Counts how long a stream was held up.</summary>
    public abstract void AddWait(StreamWait wait, long ticks);

    /// <summary>Asks the session's budget for a larger window. False: it is used up.</summary>
    public abstract bool TryReserveWindow(int bytes);

    public abstract void ReleaseWindow(int bytes);

    /// <summary>A wall-clock time on the session's clock, as of now: later jumps of the wall clock do not move it.</summary>
    public abstract long ToDue(DateTimeOffset deadline);

    public abstract long ToDue(TimeSpan fromNow);

    /// <summary>Copies a small DATA frame into the batch. False: the batch is full or others wait their turn, so take the ring.</summary>
    public abstract bool TryAppendData(StreamCore stream, ReadOnlySpan<byte> payload, bool fin);

    /// <summary>Puts FIN on the stream's last unsent DATA, or in an empty frame of its own. Needs no credit, is never refused.</summary>
    public abstract void AppendFin(StreamCore stream);

    public abstract void AppendReset(uint id, MuxadoErrorCode code);

    /// <summary>Gives a large write <paramref name="grantedBytes"/> more to send, and its place in the priority ring.</summary>
    public abstract void LinkWrite(WriteOperation write, int grantedBytes);

    /// <summary>Takes a write back from the ring. See <see cref="WriteWithdrawal"/>.</summary>
    public abstract WriteWithdrawal WithdrawWrite(WriteOperation write, Exception reason, out int refundedBytes);

    /// <summary>Makes a waiting write carry FIN on its last frame, unless that is cut already.</summary>
    public abstract void CompleteAfter(WriteOperation write);

    /// <summary>Whether all of a write is in frames.</summary>
    public abstract bool IsCut(WriteOperation write);

    /// <summary>How many bytes of a write are in no frame yet.</summary>
    public abstract int UncutBytes(WriteOperation write);

    /// <summary>Queues window credit for the peer; merges with what is queued for the stream already.</summary>
    public abstract void GrantCredit(StreamCore stream, int creditBytes);

    /// <summary>Asks for <see cref="StreamCore.ReturnOwedCredit"/> to be called soon: the reader waits, with some credit owed.</summary>
    public abstract void OweCredit(StreamCore stream);

    /// <summary>Takes that back. True: it was still to come, and a reference that it held is now the caller's to release.</summary>
    public abstract bool TryForgetOwed(StreamCore stream);

    /// <summary>Drops credit that is still queued: the peer will not send on this stream again.</summary>
    public abstract void DropCredit(StreamCore stream);

    /// <summary>Sends what is queued, unless someone else is at it or this thread's receive drain is about to.</summary>
    public abstract void Flush();

    /// <summary>The same before a wait: only if anything is queued.</summary>
    public abstract void FlushBeforeWait();

    /// <summary>Flushes even inside a receive drain, because this thread is about to block.</summary>
    public abstract void FlushBeforeBlocking();

    /// <summary>Runs an ended operation's waiter: after the current receive drain when called in it, else on the thread pool.</summary>
    public abstract void Complete(Completion completion);

    public abstract void ArmDeadline(StreamCore stream, int generation, StreamAlarm alarm, long due);

    /// <summary>So many deadlines that were armed are of no interest any more.</summary>
    public abstract void ForgetDeadlines(int count);

    /// <summary>The stream has ended on the wire; its id stays known until it is released. Called once a stream.</summary>
    public abstract void OnWireClosed(StreamCore stream);

    /// <summary>Nobody refers to the stream any more: take its core back. Called once a stream.</summary>
    public abstract void OnReleased(StreamCore stream);
}

/// <summary>How the output let go of a write that is being called off.</summary>
internal enum WriteWithdrawal
{
    /// <summary>All of it was cut into frames already, and it succeeds; or it was called off before, and ends with that reason.</summary>
    TooLate,

    /// <summary>It is out of the ring, and the caller completes it.</summary>
    Withdrawn,

    /// <summary>Its memory is in a system call at this moment; the sender completes it right after, with the reason given.</summary>
    Deferred,
}

/// <summary>What a stream may ask to be woken for.</summary>
internal enum StreamAlarm
{
    Read,
    Write,

    /// <summary>A writer at window 0 after the peer's FIN asks whether the peer still has the stream.</summary>
    Probe,
}
