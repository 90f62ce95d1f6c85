namespace Muxado.Fast.Streams;

/// <summary>What few streams use, kept apart so that the others do not pay for it: deadlines, timeouts and the closed signals. Guarded by the stream's lock.</summary>
internal sealed class StreamExtras
{
    public DateTimeOffset? ReadDeadline;
    public DateTimeOffset? WriteDeadline;

    /// <summary>The deadlines in ticks of the session's clock; <see cref="long.MaxValue"/> for none.</summary>
    public long ReadDue = long.MaxValue;
    public long WriteDue = long.MaxValue;

    /// <summary>The earliest wake-up that is already arranged, so that moving a deadline back and forth arranges no second one.</summary>
    public long ArmedReadDue = long.MaxValue;
    public long ArmedWriteDue = long.MaxValue;

    public int ArmedWakeUps => (ArmedReadDue != long.MaxValue ? 1 : 0) + (ArmedWriteDue != long.MaxValue ? 1 : 0);

    public int ReadTimeoutMilliseconds = Timeout.Infinite;
    public int WriteTimeoutMilliseconds = Timeout.Infinite;

    public TaskCompletionSource? ReadsClosed;
    public TaskCompletionSource? WritesClosed;
    public TaskCompletionSource? PeerWritesClosed;

    /// <summary>The task of a signal, which the first call creates: in its final state if that is known already.</summary>
    public static Task Watch(ref TaskCompletionSource? closed, bool hasEnded, StreamFailure? failure)
    {
        if (closed is null)
        {
            closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (hasEnded || failure is not null)
                Signal(closed, hasEnded ? null : failure);
        }

        return closed.Task;
    }

    public static void Signal(TaskCompletionSource? closed, StreamFailure? failure)
    {
        if (closed is null)
            return;
        if (failure is null)
            closed.TrySetResult();
        else if (closed.TrySetException(failure.ToException()))
            _ = closed.Task.Exception; // Observed: nobody has to await the signal.
    }
}
