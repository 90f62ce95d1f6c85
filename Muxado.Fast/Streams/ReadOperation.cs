using System.Threading.Tasks.Sources;
using Microsoft.Extensions.ObjectPool;
using Muxado.Fast.Primitives;

namespace Muxado.Fast.Streams;

/// <summary>A read that waits: the reader's memory, which arriving frames fill directly, and the reader to wake.</summary>
/// <remarks>
/// Owner: the stream while it waits, then whoever completes it, then the reader until it takes the result.
/// Threading: <see cref="Fill"/> and the state are guarded by the stream's lock; the result is published once.
/// Invariants: in exactly one of waiting, queued (it has something to report and is on its way to a thread), ended.
/// Reuse: pooled; goes back when the result is taken. A read that nobody awaits is left to the garbage collector.
/// </remarks>
internal sealed class ReadOperation : Completion, IValueTaskSource<int>
{
    private static readonly ObjectPool<ReadOperation> Pool = new DefaultObjectPool<ReadOperation>(new Policy(), maximumRetained: 4096);

    private ManualResetValueTaskSourceCore<int> _source;
    private StreamCore? _stream;
    private Memory<byte> _buffer;
    private CancellationTokenRegistration _cancellation;
    private Exception? _error;
    private bool _isBlocking;

    /// <summary>Bytes written to the reader's memory so far.</summary>
    public int FilledBytes { get; private set; }

    /// <summary>When its own timeout ends it; <see cref="long.MaxValue"/> for never. The stream's deadline may still move, and is not in it.</summary>
    public long TimeoutDue { get; private set; }

    /// <summary>Whether it has something to report and will run soon; from then on nobody but that run may end it.</summary>
    public bool IsQueued { get; set; }

    public bool IsZeroByte => _buffer.IsEmpty;

    public override bool WakesBlockedThread => _isBlocking;

    public short Version => _source.Version;

    public static ReadOperation Rent(StreamCore stream, Memory<byte> buffer, long timeoutDue, bool isBlocking)
    {
        ReadOperation operation = Pool.Get();
        operation._stream = stream;
        operation._buffer = buffer;
        operation.TimeoutDue = timeoutDue;
        operation._isBlocking = isBlocking;
        return operation;
    }

    /// <summary>Called after the stream's lock is left and before the reader sees the task: the registration may call back at once.</summary>
    public void RegisterCancellation(CancellationToken token)
    {
        if (token.CanBeCanceled)
        {
            _cancellation = token.UnsafeRegister(
                static (state, token) => ((ReadOperation)state!).OnCancelled(token), this);
        }
    }

    /// <summary>Copies as much as fits into the reader's memory. Memory of the application's own kind may throw; then nothing is copied.</summary>
    public int Fill(ReadOnlySpan<byte> bytes, out Exception? failure)
    {
        failure = null;
        int count = Math.Min(bytes.Length, _buffer.Length - FilledBytes);
        if (count == 0)
            return 0;
        try
        {
            bytes[..count].CopyTo(_buffer.Span[FilledBytes..]);
        }
        catch (Exception exception)
        {
            failure = exception;
            return 0;
        }

        FilledBytes += count;
        return count;
    }

    /// <summary>Decides that the read fails. The caller holds the stream's lock and completes it afterwards.</summary>
    public void EndWith(Exception error)
    {
        _error = error;
        _stream = null;
    }

    public override void Execute()
    {
        // A queued read takes what the stream has for it only now, so that every frame of one receive reaches it at once.
        _error ??= _stream?.FinishQueuedRead(this);
        if (_error is null)
            _source.SetResult(FilledBytes);
        else
            _source.SetException(_error);
    }

    public int GetResult(short token)
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

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void OnCancelled(CancellationToken token)
    {
        // The registration ends before the operation is reused, so _stream is this read's stream, or null once it has ended.
        StreamCore? stream = Volatile.Read(ref _stream);
        stream?.CancelRead(this, new OperationCanceledException(token));
    }

    private void Recycle()
    {
        _cancellation.Dispose();
        _cancellation = default;
        _source.Reset();
        _stream = null;
        _buffer = default;
        _error = null;
        FilledBytes = 0;
        IsQueued = false;
        Pool.Return(this);
    }

    private sealed class Policy : PooledObjectPolicy<ReadOperation>
    {
        public override ReadOperation Create() => new();

        public override bool Return(ReadOperation obj) => true;
    }
}
