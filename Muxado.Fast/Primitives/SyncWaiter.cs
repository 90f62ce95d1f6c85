using System.Diagnostics.CodeAnalysis;

namespace Muxado.Fast.Primitives;

/// <summary>Blocks the calling thread until a ValueTask has ended, with one reusable event a thread: the synchronous calls allocate nothing.</summary>
/// <remarks>Owner: its thread. Reuse: for every blocking call of that thread; a blocked thread cannot start a second one.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "The event lives as long as its thread, and holds a handle only while contended.")]
internal sealed class SyncWaiter
{
    [ThreadStatic]
    private static SyncWaiter? t_current;

    private readonly ManualResetEventSlim _ended = new(initialState: false);
    private readonly Action _onEnded;

    private SyncWaiter() => _onEnded = _ended.Set;

    private static SyncWaiter Current => t_current ??= new SyncWaiter();

    public static int Wait(in ValueTask<int> task)
    {
        var awaiter = task.ConfigureAwait(false).GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            SyncWaiter waiter = Current;
            waiter._ended.Reset();
            awaiter.UnsafeOnCompleted(waiter._onEnded);
            waiter._ended.Wait();
        }

        return awaiter.GetResult();
    }

    public static void Wait(in ValueTask task)
    {
        var awaiter = task.ConfigureAwait(false).GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            SyncWaiter waiter = Current;
            waiter._ended.Reset();
            awaiter.UnsafeOnCompleted(waiter._onEnded);
            waiter._ended.Wait();
        }

        awaiter.GetResult();
    }
}
