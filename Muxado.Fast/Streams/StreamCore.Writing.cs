using System.Buffers;
using System.Diagnostics;

namespace Muxado.Fast.Streams;

/// <content>The application's side of sending.</content>
internal sealed partial class StreamCore
{
    public ValueTask WriteAsync(int generation, ReadOnlyMemory<byte> buffer, bool completeWrites, CancellationToken cancellationToken) =>
        WriteAsync(generation, new WriteSource(buffer), completeWrites, cancellationToken);

    public ValueTask WriteAsync(
        int generation,
        in WriteSource source,
        bool completeWrites,
        CancellationToken cancellationToken,
        int timeoutMilliseconds = Timeout.Infinite,
        bool isBlocking = false)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        StreamHost host;
        WriteOperation? operation = null;
        StreamEffects effects = default;
        lock (_gate)
        {
            EnsureCurrentLocked(generation);
            host = _host;
            if (_write is not null)
                ThrowConcurrent("write");
            if (_failure is not null)
                return ValueTask.FromException(_failure.ToException());
            if (Has(StreamState.WritesCompleted))
            {
                if (source.IsEmpty)
                    return default;
                if (Has(StreamState.OneWay))
                    return ValueTask.FromException(OneWayFailure().ToException());
                ThrowWritesCompleted();
            }

            long timeoutDue = TimeoutDueLocked(timeoutMilliseconds);
            long due = Math.Min(timeoutDue, DueLocked(StreamAlarm.Write));
            if (HasPassedLocked(due))
                return ValueTask.FromException(DeadlineFailure("write").ToException());
            if (source.IsEmpty && !completeWrites)
                return default;

            // Before anything changes: memory of the application's own kind may throw.
            ReadOnlySpan<byte> first = source.First.Length <= SmallWriteBytes ? source.First.Span : default;

            effects.Flush = true;
            if (completeWrites)
                _state |= StreamState.WritesCompleted;
            if (source.IsEmpty)
                SendFinLocked(ref effects);
            else if (TryAppendLocked(source.LengthBytes, first, completeWrites))
                NoteSentFinLocked(completeWrites, ref effects);
            else
                operation = StartWriteLocked(source, completeWrites, timeoutDue, isBlocking);
        }

        effects.Apply(host, this);
        if (operation is null)
            return default;

        // The flush above may have sent all of it, on this thread: then nobody waited, and nobody has to be woken.
        if (operation.EndedBeforeWait())
            return operation.TakeResult();
        operation.RegisterCancellation(cancellationToken);
        return new ValueTask(operation, operation.Version);
    }

    /// <summary>Sends what window and batch take at once. False: nothing for now.</summary>
    /// <param name="generation">The handle's.</param>
    /// <param name="buffer">What to send.</param>
    /// <param name="count">How much of it was taken.</param>
    /// <param name="isWhole">Whether to take all of it or nothing, so that nobody half-closes in the middle. For a small one.</param>
    public bool TryWrite(int generation, ReadOnlySpan<byte> buffer, out int count, bool isWhole = false)
    {
        StreamHost host;
        count = 0;
        lock (_gate)
        {
            EnsureCurrentLocked(generation);
            host = _host;
            if (_write is not null)
                ThrowConcurrent("write");
            if (_failure is not null)
                throw _failure.ToException();
            if (Has(StreamState.OneWay))
                throw OneWayFailure().ToException();
            if (Has(StreamState.WritesCompleted))
                ThrowWritesCompleted();
            if (HasPassedLocked(DueLocked(StreamAlarm.Write)))
                throw DeadlineFailure("write").ToException();

            if (isWhole && buffer.Length > _sendWindow.AvailableBytes)
                return false;
            while (count < buffer.Length)
            {
                int frameBytes = Math.Min(Math.Min(buffer.Length - count, SmallWriteBytes), _sendWindow.AvailableBytes);
                if (frameBytes == 0 || !host.TryAppendData(this, buffer.Slice(count, frameBytes), fin: false))
                    break;
                count += _sendWindow.Take(frameBytes);
                _state = (_state | StreamState.Spoken) & ~StreamState.Truncated;
            }
        }

        if (count > 0)
            host.Flush();
        return count > 0 || buffer.IsEmpty;
    }

    /// <summary>Blocks until all is handed over. What cannot go at once is copied, so the caller's span is never kept.</summary>
    public void Write(int generation, ReadOnlySpan<byte> buffer, int timeoutMilliseconds)
    {
        if (buffer.Length is > 0 and <= SmallWriteBytes && TryWrite(generation, buffer, out _, isWhole: true))
            return;

        StreamHost host = HostOf(generation);
        byte[] copy = ArrayPool<byte>.Shared.Rent(buffer.Length);
        buffer.CopyTo(copy);
        var source = new WriteSource(copy.AsMemory(0, buffer.Length));
        ValueTask writing = WriteAsync(generation, source, completeWrites: false, CancellationToken.None, timeoutMilliseconds, isBlocking: true);
        if (!writing.IsCompleted)
            host.FlushBeforeBlocking();
        Primitives.SyncWaiter.Wait(writing);
        ArrayPool<byte>.Shared.Return(copy); // Not after a failure: it may be that the wait was interrupted, and the write goes on, from this memory.
    }

    public void CancelWrite(WriteOperation operation, Exception reason)
    {
        StreamHost host;
        StreamEffects effects = default;
        lock (_gate)
        {
            if (_write != operation)
                return;
            host = _host;
            WithdrawLocked(operation, reason, ref effects);
        }

        effects.Apply(host, this);
    }

    /// <summary>A write has ended, in the writer's name or in its waiter's.</summary>
    public void FinishWrite(WriteOperation operation, bool succeeded)
    {
        StreamHost host;
        StreamEffects effects = default;
        lock (_gate)
        {
            Debug.Assert(_write == operation);
            host = _host;
            _write = null;
            operation.ReportWaits(host);
            _sendWindow.PutBack(operation.UnusedBytes);
            effects.ReferencesDropped = 1;
            if (succeeded)
                _state &= ~StreamState.Truncated;
            else if (operation.CutBytes > 0)
                _state |= StreamState.Truncated;
            if (Has(StreamState.Reset))
            {
                // The stream is over; there is no FIN to account for.
            }
            else if (succeeded && operation.CompletesWrites)
            {
                NoteSentFinLocked(true, ref effects);
            }
            else if (Has(StreamState.FinRequested))
            {
                effects.Flush = true;
                SendFinLocked(ref effects);
            }
            else if (operation.CompletesWrites)
            {
                _state &= ~StreamState.WritesCompleted; // Called off before its FIN left: the stream can be written again.
            }
        }

        effects.Apply(host, this);
    }

    private bool TryAppendLocked(int lengthBytes, ReadOnlySpan<byte> first, bool fin)
    {
        if (lengthBytes > first.Length || _sendWindow.AvailableBytes < lengthBytes || !_host.TryAppendData(this, first, fin))
            return false;
        _sendWindow.Take(lengthBytes);
        _state = (_state | StreamState.Spoken) & ~StreamState.Truncated;
        return true;
    }

    private WriteOperation StartWriteLocked(in WriteSource source, bool completeWrites, long timeoutDue, bool isBlocking)
    {
        WriteOperation operation = _write = WriteOperation.Rent(this, source, completeWrites, timeoutDue, isBlocking);
        AddReference();
        _state |= StreamState.Spoken;
        if (_host.MeasuresWaits)
            operation.BeginWait(_host.Now);
        ReserveLocked(operation);
        ArmLocked(StreamAlarm.Write, Math.Min(timeoutDue, DueLocked(StreamAlarm.Write)));
        ArmProbeLocked();
        return operation;
    }

    /// <summary>Takes as much window as there is for a waiting write.</summary>
    private void ReserveLocked(WriteOperation operation)
    {
        int granted = _sendWindow.Take(operation.UnreservedBytes);
        if (granted == 0)
            return;
        operation.UnreservedBytes -= granted;
        _host.LinkWrite(operation, granted);
    }

    /// <summary>Takes a waiting write back and arranges its end. Its unsent credit returns to the window.</summary>
    private void WithdrawLocked(WriteOperation operation, Exception reason, ref StreamEffects effects)
    {
        WriteWithdrawal withdrawal = _host.WithdrawWrite(operation, reason, out int refundedBytes);
        _sendWindow.PutBack(refundedBytes);
        operation.UnreservedBytes = 0;
        if (withdrawal == WriteWithdrawal.Withdrawn && operation.End(reason))
            effects.Write = operation;
    }

    private void SendFinLocked(ref StreamEffects effects)
    {
        _host.AppendFin(this);
        NoteSentFinLocked(true, ref effects);
    }

    private void NoteSentFinLocked(bool fin, ref StreamEffects effects)
    {
        if (!fin)
            return;
        _state |= StreamState.FinSent | StreamState.Spoken;
        StreamExtras.Signal(_extras?.WritesClosed, null);
        CheckWireClosedLocked(ref effects);
    }

    private static void ThrowWritesCompleted() => throw new InvalidOperationException(
        "Writes were completed on this stream (CompleteWrites, completeWrites: true); it can only be read.");

    /// <summary>The peer's doing, and so no mistake of the application's that calls for another kind of exception.</summary>
    private StreamFailure OneWayFailure() =>
        new(MuxadoError.StreamAborted, $"The peer opened stream {Id} one-way, and reads nothing of it; it can only be read.");
}
