using System.Net.Sockets;
using Microsoft.Extensions.ObjectPool;

namespace Muxado.Fast.Transport;

/// <summary>One direction's reusable system call: a <see cref="SocketAsyncEventArgs"/> that outlives its transport in a pool.</summary>
/// <remarks>
/// Owner: the <see cref="SocketOperationLease"/> that rented it, else the pool.
/// Threading: one system call at a time.
/// Invariants: while it is in the pool it has no transport, holds no buffer, and the system will not complete it.
/// Reuse: pooled, so that sessions that come and go allocate none.
/// </remarks>
internal sealed class SocketOperation : SocketAsyncEventArgs
{
    /// <summary>Enough for 256 sessions that end at once; what is beyond is left to the garbage collector.</summary>
    private const int MaximumRetained = 512;

    private static readonly ObjectPool<SocketOperation> Pool =
        new DefaultObjectPool<SocketOperation>(new DefaultPooledObjectPolicy<SocketOperation>(), MaximumRetained);

    private SocketTransport? _transport;
    private bool _isReceive;

    public SocketOperation()
        : base(unsafeSuppressExecutionContextFlow: true)
    {
    }

    public static SocketOperation Rent(SocketTransport transport, bool isReceive)
    {
        SocketOperation operation = Pool.Get();
        operation._transport = transport;
        operation._isReceive = isReceive;
        return operation;
    }

    public void Return()
    {
        _transport = null;
        SetBuffer(Memory<byte>.Empty);
        Pool.Return(this);
    }

    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        if (_isReceive)
            _transport!.OnReceiveCompleted();
        else
            _transport!.OnSendCompleted();
    }
}
