using System.Diagnostics;

namespace Muxado.Fast.Streams;

/// <content>The application's side of receiving.</content>
internal sealed partial class StreamCore
{
    public ValueTask<int> ReadAsync(int generation, Memory<byte> buffer, CancellationToken cancellationToken, int timeoutMilliseconds = Timeout.Infinite, bool isBlocking = false)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<int>(cancellationToken);

        StreamHost host;
        ReadOperation? operation = null;
        bool creditGranted;
        int count;
        lock (_gate)
        {
            EnsureCurrentLocked(generation);
            host = _host;
            if (_read is not null)
                ThrowConcurrent("read");
            long timeoutDue = TimeoutDueLocked(timeoutMilliseconds);
            long due = Math.Min(timeoutDue, DueLocked(StreamAlarm.Read));
            if (HasPassedLocked(due))
                return ValueTask.FromException<int>(DeadlineFailure("read").ToException());

            if (!TryTakeLocked(buffer.Span, out count, out creditGranted))
            {
                if (_failure is not null)
                    return ValueTask.FromException<int>(_failure.ToException());
                operation = _read = ReadOperation.Rent(this, buffer, timeoutDue, isBlocking);
                AddReference();
                OweCreditLocked();
                ArmLocked(StreamAlarm.Read, due);
            }
        }

        if (operation is null)
        {
            if (creditGranted)
                host.Flush();
            return new ValueTask<int>(count);
        }

        host.FlushBeforeWait();
        operation.RegisterCancellation(cancellationToken);
        return new ValueTask<int>(operation, operation.Version);
    }

    /// <summary>Takes what is there. False: nothing yet. At the end of the stream it is true with a count of 0.</summary>
    public bool TryRead(int generation, Span<byte> buffer, out int count)
    {
        StreamHost host;
        bool creditGranted;
        lock (_gate)
        {
            EnsureCurrentLocked(generation);
            host = _host;
            if (_read is not null)
                ThrowConcurrent("read");
            if (HasPassedLocked(DueLocked(StreamAlarm.Read)))
                throw DeadlineFailure("read").ToException();
            if (!TryTakeLocked(buffer, out count, out creditGranted))
            {
                if (_failure is not null)
                    throw _failure.ToException();
                OweCreditLocked();
                return false;
            }
        }

        if (creditGranted)
            host.Flush();
        return true;
    }

    /// <summary>Blocks until there is something to take. The wait is a zero-byte read, so the caller's span is never kept.</summary>
    public int Read(int generation, Span<byte> buffer, int timeoutMilliseconds)
    {
        int count;
        while (!TryRead(generation, buffer, out count))
        {
            StreamHost host = HostOf(generation);
            ValueTask<int> readable = ReadAsync(generation, Memory<byte>.Empty, CancellationToken.None, timeoutMilliseconds, isBlocking: true);
            if (!readable.IsCompleted)
                host.FlushBeforeBlocking();
            Primitives.SyncWaiter.Wait(readable);
        }

        return count;
    }

    public void CancelRead(ReadOperation operation, Exception reason)
    {
        StreamHost host;
        StreamEffects effects = default;
        lock (_gate)
        {
            // A read with bytes on the way has won against its cancellation: they must not be lost.
            if (_read != operation || operation.IsQueued)
                return;
            host = _host;
            CancelReadLocked(operation, reason, ref effects);
        }

        effects.Apply(host, this);
    }

    /// <summary>A woken read takes what has gathered for it. Returns the error to report, or null.</summary>
    public Exception? FinishQueuedRead(ReadOperation operation)
    {
        StreamHost host;
        Exception? error = null;
        lock (_gate)
        {
            Debug.Assert(_read == operation && operation.IsQueued);
            host = _host;
            _read = null;
            bool hasNothing = operation.FilledBytes == 0 && (!operation.IsZeroByte || _unread.Count == 0);
            if (hasNothing && !AtEndLocked())
                error = GoneLocked(); // It was on its way with the end, or with the word that there are bytes.
            if (AtEndLocked())
                SignalReadsClosedLocked();
            AssertInvariantsLocked();
        }

        ReleaseReference(host);
        return error;
    }

    /// <summary>The host's answer to <see cref="StreamHost.OweCredit"/>.</summary>
    public void ReturnOwedCredit(StreamHost host)
    {
        lock (_gate)
        {
            if (_host == host && !Has(StreamState.FinReceived | StreamState.Reset | StreamState.Released) && _receiveWindow.OwedBytes > 0)
                host.GrantCredit(this, _receiveWindow.TakeOwed());
        }
    }

    private void CancelReadLocked(ReadOperation operation, Exception reason, ref StreamEffects effects)
    {
        _read = null;
        operation.EndWith(reason);
        effects.Read = operation;
        effects.ReferencesDropped++;
    }

    private bool AtEndLocked() => Has(StreamState.FinReceived) && !Has(StreamState.LocallyAborted) && _unread.Count == 0;

    /// <summary>Why there is nothing to read any more, short of the end.</summary>
    private Exception GoneLocked() => Has(StreamState.Released) ? DisposedFailure() : _failure!.ToException();

    private bool TryTakeLocked(Span<byte> buffer, out int count, out bool creditGranted)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        count = 0;
        creditGranted = false;
        if (_unread.Count > 0)
        {
            count = _unread.Read(buffer, _host.Blocks);
            creditGranted = ConsumeLocked(count);
            if (_unread.Count == 0)
                EndUnreadLocked(_host);
            if (AtEndLocked())
                SignalReadsClosedLocked();
            return true;
        }

        return AtEndLocked();
    }

    /// <summary>Accounts for bytes that reached the application; true when credit was queued for the peer.</summary>
    private bool ConsumeLocked(int count)
    {
        int creditBytes = _receiveWindow.Consume(count);
        if (creditBytes == 0 || Has(StreamState.FinReceived | StreamState.Reset))
            return false;
        _host.GrantCredit(this, creditBytes + TuneWindowLocked());
        return true;
    }

    /// <summary>Doubles a window that is the bottleneck: half of it was used up before its credit could have come round twice.</summary>
    private int TuneWindowLocked()
    {
        long now = _host.Now;
        bool isBottleneck = now - _creditedAt < _host.BottleneckTicks;
        _creditedAt = now;
        int size = _receiveWindow.SizeBytes;
        int larger = Math.Min(size * 2, MaxReceiveWindowBytes);
        if (!isBottleneck || larger <= size || !_host.TryReserveWindow(larger - size))
            return 0;
        _receiveWindow.Grow(larger);
        return _receiveWindow.TakeOwed();
    }

    /// <summary>A heartbeat needs no more than it begins with, so that no more than this of a flood of them waits to be answered.</summary>
    private int MaxReceiveWindowBytes =>
        StreamType == Framing.Wire.FirstExtensionStreamType ? Framing.Wire.InitialWindowBytes : _host.MaxReceiveWindow;

    /// <summary>A reader waits, so neither FIN nor a reset has come.</summary>
    private void OweCreditLocked()
    {
        Debug.Assert(!Has(StreamState.FinReceived | StreamState.Reset), "The peer needs no credit any more.");
        if (_receiveWindow.OwedBytes > 0)
            _host.OweCredit(this);
    }

    /// <summary>The peer needs no more credit: what was owed need not come, and need not hold the stream.</summary>
    private void ForgetOwedLocked(ref StreamEffects effects)
    {
        if (IsOwedLinked && _host.TryForgetOwed(this)) // Set under S too: false here means that none is to come.
            effects.ReferencesDropped++;
    }

    private void SignalReadsClosedLocked(StreamFailure? failure = null) => StreamExtras.Signal(_extras?.ReadsClosed, failure);

    private static void ThrowConcurrent(string operation) => throw new InvalidOperationException(
        $"Another {operation} is outstanding on this stream; await it before starting the next.");

    private static StreamFailure DeadlineFailure(string operation) =>
        new(MuxadoError.DeadlineExceeded, $"The {operation} did not finish before its deadline; the stream is still usable.");

    private static ObjectDisposedException DisposedFailure() => new(nameof(MuxadoStream), "The stream was disposed while the operation was under way.");
}
