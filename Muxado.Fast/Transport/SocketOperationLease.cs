namespace Muxado.Fast.Transport;

/// <summary>A transport's hold on a pooled operation: it decides who gives the operation back, and when.</summary>
/// <remarks>
/// Owner: a <see cref="SocketTransport"/>, in a field.
/// Threading: <see cref="TryBegin"/> and <see cref="End"/> alternate; <see cref="Retire"/> races with both, from any thread.
/// Invariants: the operation goes back exactly once, and never while the system may still complete it. The state stays here,
/// not in the operation: a late caller must not begin an operation that has another transport by now.
/// Reuse: none.
/// </remarks>
internal struct SocketOperationLease(SocketOperation operation)
{
    private const int Idle = 0;
    private const int Busy = 1;
    private const int Retired = 2;

    private int _state;

    /// <summary>The operation, to be touched between <see cref="TryBegin"/> and <see cref="End"/> only.</summary>
    public SocketOperation Operation { get; } = operation;

    /// <summary>Claims the operation for a system call. False: the lease is retired.</summary>
    public bool TryBegin() => Interlocked.CompareExchange(ref _state, Busy, Idle) == Idle;

    /// <summary>Says that no system call uses the operation any more.</summary>
    public void End()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Busy) == Retired)
            Operation.Return();
    }

    /// <summary>Gives the operation back: at once if it is idle, else when its system call ends. Called once.</summary>
    public void Retire()
    {
        if (Interlocked.Exchange(ref _state, Retired) == Idle)
            Operation.Return();
    }
}
