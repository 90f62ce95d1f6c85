using System.Diagnostics.CodeAnalysis;

namespace Muxado.Fast.Primitives;

/// <summary>Blocks the calling thread until a ValueTask has ended, with one reusable event a thread: the synchronous calls allocate nothing.</summary>
/// <remarks>
/// Owner: its thread. Reuse: for every blocking call of that thread; a blocked thread cannot start a second one. But after an interrupted one
/// (<see cref="Thread.Interrupt"/>), whose operation goes on and will set the event some time later.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The event lives as long as its thread, and holds a handle only while contended.")]
internal sealed class SyncWaiter
{
    [ThreadStatic]
    private static SyncWaiter? t_current;

    private readonly ManualResetEventSlim _ended = new(initialState: false);
    private readonly Action _onEnded;

    private SyncWaiter() => _onEnded = _ended.Set;

    public static int Wait(in ValueTask<int> task)
    {
        var awaiter = task.ConfigureAwait(false).GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            awaiter.UnsafeOnCompleted(Begin());
            End();
        }

        return awaiter.GetResult();
    }

    public static void Wait(in ValueTask task)
    {
        var awaiter = task.ConfigureAwait(false).GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            awaiter.UnsafeOnCompleted(Begin());
            End();
        }

        awaiter.GetResult();
    }

    private static Action Begin()
    {
        SyncWaiter waiter = t_current ??= new SyncWaiter();
        waiter._ended.Reset();
        return waiter._onEnded;
    }

    private static void End()
    {
        SyncWaiter waiter = t_current!;
        t_current = null; // Unless the wait comes to its end.
        waiter._ended.Wait();
        t_current = waiter;
    }
}
