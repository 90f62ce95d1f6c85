namespace Muxado.Fast.Pooling;

/// <summary>An open that waits for a session, or for room in one.</summary>
/// <remarks>
/// Owner: the pool's queue; whoever serves the queue, between taking it off and ending it or putting it back.
/// Threading: <see cref="Node"/> and <see cref="Reason"/> are guarded by the pool's lock. It ends once, with no lock held.
/// </remarks>
internal sealed class OpenWaiter : TaskCompletionSource<MuxadoStreamHandle>
{
    public OpenWaiter(MuxadoStreamOptions options)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        Options = options;
        Node = new LinkedListNode<OpenWaiter>(this);
    }

    public MuxadoStreamOptions Options { get; }

    public LinkedListNode<OpenWaiter> Node { get; }

    /// <summary>Why its caller waits no longer; noted while somebody tries to serve it.</summary>
    public Exception? Reason { get; set; }
}
