using System.Threading.Tasks.Sources;

namespace Muxado.Fast.Primitives;

/// <summary>
/// A waiter whose operation has ended: running it completes the waiter and so may run user code. It queues itself by a link
/// of its own, in a session's ready queue or on the thread pool, and so allocates nothing.
/// </summary>
/// <remarks>Owner: one queue at a time. Threading: run once, with no lock held.</remarks>
internal abstract class Completion : IThreadPoolWorkItem
{
    /// <summary>The next in the ready queue; guarded by that queue's lock.</summary>
    public Completion? NextReady;

    /// <summary>Whether the waiter is a blocked thread: waking it runs no user code, so it is done on the spot and needs no free pool thread.</summary>
    public virtual bool WakesBlockedThread => false;

    public abstract void Execute();

    /// <summary>
    /// Called before a result is taken, which gives the operation back to its pool. A caller that takes it too early, or twice, must not bring that about while
    /// the operation is still somebody's.
    /// </summary>
    /// <param name="status">For the caller's token, which <see cref="IValueTaskSource.GetStatus"/> has checked.</param>
    protected static void ThrowIfPending(ValueTaskSourceStatus status)
    {
        if (status == ValueTaskSourceStatus.Pending)
            throw new InvalidOperationException("The operation has not ended yet: await it, or have a task made of it (AsTask) before its result is taken.");
    }
}
