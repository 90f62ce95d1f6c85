using System.Threading.Tasks.Sources;
using Microsoft.Extensions.ObjectPool;
using Muxado.Fast.Buffers;
using Muxado.Fast.Primitives;

namespace Muxado.Fast.Streams;

/// <summary>A write too large for the batch: the caller's memory or a pipe's blocks, from which frames are cut only when they are sent.</summary>
/// <remarks>
/// Owner: the stream while it waits, then whoever completes it, then the writer until it takes the result.
/// Threading: <see cref="UnreservedBytes"/> is guarded by the stream's lock; everything about cutting and the ring links by
/// the session's write lock; who completes it is settled by one interlocked exchange.
/// Invariants: Length = CutBytes + GrantedBytes + UnreservedBytes while it waits, and UnusedBytes once it was given up; linked in the ring exactly when something
/// is granted; never completed while pinned, because a system call reads its memory.
/// Reuse: pooled; goes back when the result is taken.
/// </remarks>
internal sealed partial class WriteOperation : Completion, IValueTaskSource
{
    private const int Started = 0;
    private const int Awaited = 1;
    private const int Ended = 2;

    private static readonly ObjectPool<WriteOperation> Pool = new DefaultObjectPool<WriteOperation>(new Policy(), maximumRetained: 4096);

    private ManualResetValueTaskSourceCore<bool> _source;
    private CancellationTokenRegistration _cancellation;
    private StreamCore? _stream;
    private Block? _block;
    private Exception? _error;
    private bool _isBlocking;
    private int _progress;

    public StreamCore Stream => _stream!;

    public int LengthBytes { get; private set; }

    /// <summary>The next bytes in a row. Guarded by the write lock.</summary>
    public ReadOnlyMemory<byte> Uncut { get; private set; }

    /// <summary>Whether the bytes are a chain of blocks, which lie in several rows.</summary>
    public bool IsInBlocks => _block is not null;

    /// <summary>Whether the last frame carries FIN.</summary>
    public bool CompletesWrites { get; set; }

    /// <summary>When its own timeout ends it; <see cref="long.MaxValue"/> for never. The stream's deadline may still move, and is not in it.</summary>
    public long TimeoutDue { get; private set; }

    /// <summary>Bytes for which no window was taken yet. Guarded by the stream's lock.</summary>
    public int UnreservedBytes { get; set; }

    /// <summary>Bytes that may be cut into frames now. Guarded by the write lock, like all below.</summary>
    public int GrantedBytes { get; set; }

    public int CutBytes { get; private set; }

    /// <summary>Whether the batch being sent refers to the caller's memory.</summary>
    public bool IsPinned { get; set; }

    /// <summary>Set when it was called off while pinned, or its memory cannot be read: the sender completes it with this.</summary>
    public Exception? DeferredError { get; set; }

    /// <summary>What had been granted to one that was given up: window that its stream gets back at the write's end.</summary>
    public int UnusedBytes { get; set; }

    public WriteOperation? RingNext { get; set; }

    public WriteOperation? RingPrevious { get; set; }

    public bool IsLinked => RingNext is not null;

    public bool IsCut => CutBytes == LengthBytes;

    public short Version => _source.Version;

    public override bool WakesBlockedThread => _isBlocking;

    public static WriteOperation Rent(StreamCore stream, in WriteSource source, bool completesWrites, long timeoutDue, bool isBlocking = false)
    {
        WriteOperation operation = Pool.Get();
        operation._stream = stream;
        operation._block = source.Chain;
        operation.LengthBytes = source.LengthBytes;
        operation.Uncut = source.First;
        operation.CompletesWrites = completesWrites;
        operation.UnreservedBytes = source.LengthBytes;
        operation.TimeoutDue = timeoutDue;
        operation._isBlocking = isBlocking;
        return operation;
    }

    public void RegisterCancellation(CancellationToken token)
    {
        if (token.CanBeCanceled)
        {
            _cancellation = token.UnsafeRegister(
                static (state, token) => ((WriteOperation)state!).OnCancelled(token), this);
        }
    }

    /// <summary>Accounts for a frame cut from <see cref="Uncut"/>.</summary>
    public void OnCut(int bytes)
    {
        GrantedBytes -= bytes;
        CutBytes += bytes;
        if (_block is null)
        {
            Uncut = Uncut[bytes..];
            return;
        }

        _block.Start += bytes;
        while (_block.Start == _block.End && _block.Next is { } next)
            _block = next;
        Uncut = _block.UnreadMemory;
    }

    /// <summary>The writer asks, still on its own stack, whether the write has ended; if not it becomes a waiter.</summary>
    public bool EndedBeforeWait() => Interlocked.CompareExchange(ref _progress, Awaited, Started) == Ended;

    /// <summary>
    /// The write has ended. True: the writer waits, so the caller completes it. False: the writer is still on its way into the
    /// wait and takes the result itself.
    /// </summary>
    public bool End(Exception? error)
    {
        if (Volatile.Read(ref _progress) == Ended)
            return false; // Called off twice: the first reason stands.
        _error = error;
        return Interlocked.Exchange(ref _progress, Ended) == Awaited;
    }

    public override void Execute()
    {
        _stream!.FinishWrite(this, _error is null);
        if (_error is null)
            _source.SetResult(true);
        else
            _source.SetException(_error);
    }

    /// <summary>The result of a write that ended before the writer waited.</summary>
    public ValueTask TakeResult()
    {
        Exception? error = _error;
        ForgetWaits(); // It did not wait.
        _stream!.FinishWrite(this, error is null);
        Recycle();
        return error is null ? default : ValueTask.FromException(error);
    }

    public void GetResult(short token)
    {
        ThrowIfPending(_source.GetStatus(token));
        try
        {
            _source.GetResult(token);
        }
        finally
        {
            Recycle();
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void OnCancelled(CancellationToken token) => _stream!.CancelWrite(this, new OperationCanceledException(token));

    private void Recycle()
    {
        _cancellation.Dispose();
        _cancellation = default;
        _source.Reset();
        _stream = null;
        _error = null;
        _progress = Started;
        _block = null;
        Uncut = default;
        LengthBytes = CutBytes = GrantedBytes = UnreservedBytes = UnusedBytes = 0;
        DeferredError = null;
        ForgetWaits();
        Pool.Return(this);
    }

    private sealed class Policy : PooledObjectPolicy<WriteOperation>
    {
        public override WriteOperation Create() => new();

        public override bool Return(WriteOperation obj) => true;
    }
}
