using System.Threading.Tasks.Sources;
using Microsoft.Extensions.ObjectPool;
using Muxado.Fast.Primitives;

namespace Muxado.Fast.Sessions;

/// <summary>An application that waits for the peer to open a stream. It can be awaited as a handle or as a stream.</summary>
/// <remarks>
/// Owner: the accept queue while it waits, then whoever completes it, then the awaiter until it takes the result.
/// Threading: links and membership are guarded by the queue's lock.
/// Reuse: pooled; goes back when the result is taken.
/// </remarks>
internal sealed class AcceptOperation : Completion, IValueTaskSource<MuxadoStreamHandle>, IValueTaskSource<MuxadoStream>
{
    private static readonly ObjectPool<AcceptOperation> Pool = new DefaultObjectPool<AcceptOperation>(new Policy(), maximumRetained: 1024);

    private ManualResetValueTaskSourceCore<MuxadoStreamHandle> _source;
    private CancellationTokenRegistration _cancellation;
    private AcceptQueue? _queue;
    private MuxadoStreamHandle _accepted;
    private Exception? _error;

    public AcceptOperation? Next { get; set; }

    public AcceptOperation? Previous { get; set; }

    public bool IsWaiting { get; set; }

    public short Version => _source.Version;

    public static AcceptOperation Rent(AcceptQueue queue)
    {
        AcceptOperation operation = Pool.Get();
        operation._queue = queue;
        return operation;
    }

    public void RegisterCancellation(CancellationToken token)
    {
        if (token.CanBeCanceled)
        {
            _cancellation = token.UnsafeRegister(
                static (state, token) => ((AcceptOperation)state!).OnCancelled(token), this);
        }
    }

    public void EndWith(MuxadoStreamHandle accepted) => _accepted = accepted;

    public void EndWith(Exception error) => _error = error;

    public override void Execute()
    {
        if (_error is null)
            _source.SetResult(_accepted);
        else
            _source.SetException(_error);
    }

    public MuxadoStreamHandle GetResult(short token)
    {
        ThrowIfPending(_source.GetStatus(token));
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            Recycle();
        }
    }

    MuxadoStream IValueTaskSource<MuxadoStream>.GetResult(short token) => GetResult(token).AsStream();

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void OnCancelled(CancellationToken token) => _queue!.Cancel(this, new OperationCanceledException(token));

    private void Recycle()
    {
        _cancellation.Dispose();
        _cancellation = default;
        _source.Reset();
        _queue = null;
        _accepted = default;
        _error = null;
        Pool.Return(this);
    }

    private sealed class Policy : PooledObjectPolicy<AcceptOperation>
    {
        public override AcceptOperation Create() => new();

        public override bool Return(AcceptOperation obj) => true;
    }
}
