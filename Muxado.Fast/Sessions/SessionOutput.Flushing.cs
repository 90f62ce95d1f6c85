using System.Diagnostics;
using System.Runtime.InteropServices;
using Muxado.Fast.Buffers;
using Muxado.Fast.Framing;
using Muxado.Fast.Streams;
using Muxado.Fast.Transport;

namespace Muxado.Fast.Sessions;

/// <content>
/// The flush token. Whoever queues something and finds the token free takes it and sends on its own thread: no writer thread, no
/// wake. Writers that come while the token is taken only append, and their frames form the holder's next batch.
/// <code>
///   writer A                         writer B
///   append, take token
///   send A's batch (in the kernel)   append; token taken: return
///   under W: B's frame is queued
///   send B's frame
///   under W: nothing queued,
///   let the token go                 append; token free: take it
/// </code>
/// </content>
internal sealed partial class SessionOutput
{
    /// <summary>How much of the ring goes into one batch. Small enough that a more urgent frame does not wait long behind it.</summary>
    private const int BatchRingBytes = 64 * 1024;

    /// <summary>
    /// The same while the transport takes each batch at once: then it is the calls that cost, at both ends, and nothing waits long.
    /// </summary>
    private const int FastBatchRingBytes = 256 * 1024;

    /// <summary>
    /// The same while several priorities compete, or did a batch ago: each batch is a new decision, so the highest never waits
    /// long for its turn, nor loses much when its writer is a moment late. It bounds the batch's small DATA too: what a stream has
    /// in two batches stays below a window, so that it does not run out of credit just because it may overtake others.
    /// </summary>
    private const int ContendedBatchBytes = 16 * 1024;

    /// <summary>Batch bytes of higher priority above this mean that the ring's writes compete with them, at or below it only if they did before.</summary>
    private const int UrgentBytesLimit = 2 * 1024;

    /// <summary>
    /// As long as a piece of a batch takes longer than this, no more than a large block goes into one send, for nobody sees a send's
    /// progress: a slow link is not to be taken for one that has stalled.
    /// </summary>
    private static readonly TimeSpan SlowSend = TimeSpan.FromMilliseconds(100);

    private readonly List<WriteOperation> _pinned = [];
    private readonly List<WriteOperation> _ended = [];

    // Streams whose place in the credit queue has ended; their references are released once W is left.
    private readonly List<StreamCore> _creditReleased = [];
    private long _pendingSince = long.MaxValue;

    // Of the piece that is being sent in the transport's own time. The token holder's.
    private int _pieceBytes;
    private long _pieceSince;
    private bool _isLinkFast;

    // Whether it took the last batch whole, at once. The token holder's.
    private bool _takesAtOnce;

    /// <summary>Whether anything waits for a flush that nobody is at.</summary>
    public bool HasUnflushed
    {
        get
        {
            lock (_gate)
                return !_isFlushing && !_isStopped && HasWorkLocked();
        }
    }

    /// <summary>The same without the lock: exact for what this thread queued, otherwise of the recent past.</summary>
    public bool HasUnflushedAtAGlance => !_filling.IsEmpty || _creditFirst is not null || !_ring.IsEmpty;

    /// <summary>Whether a receive drain has gathered enough to send now.</summary>
    public bool IsCorkFull => _filling.TotalBytes >= CorkLimitBytes;

    /// <summary>Whether so many control frames wait that the peer must not provoke more of them for now.</summary>
    public bool IsControlFull =>
        Volatile.Read(ref _controlFrames) >= ControlFramesLimit || _filling.TotalBytes >= BatchLimitBytes;

    /// <summary>Since when the transport has had our bytes without taking them, on the session's clock; <see cref="long.MaxValue"/> if it has none.</summary>
    public long PendingSince => Volatile.Read(ref _pendingSince);

    /// <summary>Sends what is queued unless the token is taken. The caller holds no lock.</summary>
    public void Flush()
    {
        bool isLoaded;
        lock (_gate)
        {
            if (_isFlushing || _isStopped || !HasWorkLocked())
                return;
            _isFlushing = true;
            isLoaded = LoadLocked();
        }

        if (!isLoaded || SendLoaded())
            LoadNextAndSend();
    }

    /// <summary>The transport has taken, or failed to take, what it was given to send in its own time.</summary>
    public void OnSent(in TransportResult result)
    {
        Volatile.Write(ref _pendingSince, long.MaxValue);
        if (TakeSent(result) && SendLoaded())
            LoadNextAndSend();
    }

    /// <summary>Ends the output: nothing more is sent, and everything queued is dropped.</summary>
    public void Stop()
    {
        var released = new List<StreamCore>();
        lock (_gate)
        {
            // A holder of the token clears its own batch when it comes back from the transport.
            _isStopped = true;
            _filling.Clear();
            _lastDataId = 0;
            while (_creditFirst is not null)
                released.Add(RemoveFirstCreditLocked());
        }

        foreach (StreamCore stream in released)
            stream.ReleaseReference(_session);
    }

    private void LoadNextAndSend()
    {
        while (true)
        {
            bool isLoaded;
            bool isClosing = false;
            bool isDrained;
            lock (_gate)
            {
                UnpinLocked();
                isLoaded = LoadLocked();

                // What has ended is the holder's to complete: the token is let go only when that is done too.
                isDrained = !isLoaded && !HasEnded && (_isStopped || !HasWorkLocked());
                if (isDrained)
                {
                    _isFlushing = false;
                    isClosing = _closesWhenDrained;
                    _closesWhenDrained = false;
                }
            }

            if (isDrained)
            {
                _session.OnOutputDrained(isClosing);
                return;
            }

            _session.ResumeReceive();
            CompleteEnded();
            if (isLoaded && !SendLoaded())
                return;
        }
    }

    /// <summary>Sends the loaded batch. False: the transport will call back, and the token stays with that call.</summary>
    private bool SendLoaded()
    {
        // First the writers that were copied: by the time this batch is sent their next write is in line.
        CompleteEnded();
        if (_transport.CanSendWithoutCopy && !_sending.IsEmpty)
        {
            int sent = _sending.Count == 1 ? _transport.TrySend(_sending.First.Span) : _transport.TrySend(_sending);
            _sending.Consume(sent);
            _takesAtOnce = _sending.IsEmpty;
        }

        GiveBackBorrowed();
        while (!_sending.IsEmpty)
        {
            ReadOnlyMemory<byte> piece = _sending.First;
            if (!_isLinkFast && piece.Length > Block.LargeBytes)
                piece = piece[..Block.LargeBytes];

            // Written before the send begins: its callback may run before the call returns.
            _pieceBytes = piece.Length;
            _pieceSince = _session.Now;
            Volatile.Write(ref _pendingSince, _pieceSince);
            if (!_transport.Send(piece, out TransportResult result))
            {
                _session.OnSendPending();
                return false;
            }

            Volatile.Write(ref _pendingSince, long.MaxValue);
            if (!TakeSent(result))
                return false;
        }

        return true;
    }

    /// <summary>The transport is full: copies what is left of the writers' memory, so that they need not wait for it.</summary>
    private void GiveBackBorrowed()
    {
        if (_pinned.Count == 0 || _sending.IsEmpty)
            return;
        _sending.MakeOwned();
        lock (_gate)
            UnpinLocked();
        CompleteEnded();
    }

    private bool TakeSent(in TransportResult result)
    {
        if (result.Error is null && !Volatile.Read(ref _isStopped))
        {
            bool wasFast = _session.Timer.ToTimeSpan(_session.Now - _pieceSince) < SlowSend;
            _isLinkFast = wasFast && (_isLinkFast || _pieceBytes == Block.LargeBytes); // Less may merely have found room.
            _sending.Consume(_pieceBytes);
            return true;
        }

        lock (_gate)
        {
            UnpinLocked();
            _sending.Clear();
            _isStopped = true; // After a failed send nobody knows where in a frame the peer is.
        }

        CompleteEnded();
        lock (_gate)
            _isFlushing = false;
        if (result.Error is not null)
            _session.OnSendFailed(result.Error);
        return false;
    }

    /// <summary>Whether the token's holder has waiters to wake or references to release.</summary>
    private bool HasEnded => _ended.Count > 0 || _creditReleased.Count > 0;

    private bool HasWorkLocked() => !_filling.IsEmpty || _creditFirst is not null || !_ring.IsEmpty;

    /// <summary>Moves what is queued into the batch to send. False: there is nothing.</summary>
    private bool LoadLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread && _sending.IsEmpty);
        if (_isStopped || !HasWorkLocked())
            return false;
        (_filling, _sending) = (_sending, _filling);
        _lastDataId = 0;
        Volatile.Write(ref _controlFrames, 0);
        LastSynHanded = _lastSynAppended;
        LoadCreditLocked();
        LoadRingLocked();
        return !_sending.IsEmpty;
    }

    private void LoadCreditLocked()
    {
        while (_creditFirst is { } stream)
        {
            if (stream.CreditBytes > 0)
                FrameEncoder.WriteWindowIncrement(_sending.Reserve(Wire.WindowIncrementBytes), stream.Id, stream.CreditBytes);
            _creditReleased.Add(RemoveFirstCreditLocked());
        }
    }

    private StreamCore RemoveFirstCreditLocked()
    {
        StreamCore stream = _creditFirst!;
        _creditFirst = stream.CreditNext;
        if (_creditFirst is null)
            _creditLast = null;
        stream.CreditNext = null;
        stream.CreditBytes = 0;
        stream.IsCreditLinked = false;
        return stream;
    }

    private void LoadRingLocked()
    {
        bool isUrgent = _urgentBytes > UrgentBytesLimit || (_urgentBytes > 0 && _urgentPriority <= _lastPriority);
        uint floor = isUrgent ? _urgentPriority : 0;
        _urgentBytes = 0;
        _urgentPriority = 0;
        if (_ring.IsEmpty)
            return;
        bool isContended = _ring.HasSeveralPriorities || _ring.TopPriority < Math.Max(floor, _lastPriority);
        int limit = isContended ? ContendedBatchBytes : _takesAtOnce ? FastBatchRingBytes : BatchRingBytes;
        _lastPriority = Math.Max(floor, _ring.TopPriority);
        int loaded = 0;
        while (loaded < limit && _ring.Next(floor) is { } write)
        {
            floor = Math.Max(floor, write.Stream.Priority);

            // The few bytes by which a power of two exceeds whole frames go first, in the block that the next header is in: behind
            // the large frames they would cost a segment and a block of their own, or the write another turn.
            int oddBytes = write.GrantedBytes % Wire.MaxPayloadBytes;
            if (oddBytes is > 0 and <= StreamCore.SmallWriteBytes && write.GrantedBytes > oddBytes && TryCutLocked(write, oddBytes))
                loaded += oddBytes;
            int payloadBytes = Math.Min(write.GrantedBytes, Wire.MaxPayloadBytes);
            if (!TryCutLocked(write, payloadBytes))
                break;
            loaded += payloadBytes;
            _ring.OnCut(write, payloadBytes, floor);
            if (write.GrantedBytes == 0)
                _ring.Unlink(write);
        }
    }

    /// <summary>
    /// Cuts one frame from a write's memory: borrowed when it is large and the only write in line, else copied. Several writes are copied
    /// because eight segments hold but four borrowed frames, and a send of sixteen, copied, costs less.
    /// </summary>
    private bool TryCutLocked(WriteOperation write, int payloadBytes)
    {
        int frameBytes = Wire.HeaderBytes + payloadBytes;
        ReadOnlyMemory<byte> payload = write.Buffer.Slice(write.CutBytes, payloadBytes);
        bool fin = write.CompletesWrites && write.CutBytes + payloadBytes == write.Buffer.Length;
        bool isAlone = !_ring.HasSeveralWrites;
        bool borrows = isAlone && payloadBytes > StreamCore.SmallWriteBytes && _transport.CanSendWithoutCopy
            && _sending.FitsSegments(Wire.HeaderBytes, borrowed: 1);
        if (borrows && MemoryMarshal.TryGetArray(payload, out ArraySegment<byte> memory))
        {
            FrameEncoder.WriteDataHeader(_sending.Reserve(Wire.HeaderBytes), write.Stream.Id, payloadBytes, fin);
            _sending.Borrow(memory);
            if (!write.IsPinned)
            {
                write.IsPinned = true;
                _pinned.Add(write);
            }
        }
        else
        {
            if (!_sending.FitsSegments(frameBytes, borrowed: 0))
                return false;
            Span<byte> frame = isAlone ? _sending.Reserve(frameBytes) : _sending.Reserve(frameBytes, BlockSize.Wide);
            FrameEncoder.WriteDataHeader(frame, write.Stream.Id, payloadBytes, fin);
            payload.Span.CopyTo(frame[Wire.HeaderBytes..]);
        }

        write.GrantedBytes -= payloadBytes;
        write.CutBytes += payloadBytes;
        if (write.IsCut && !write.IsPinned)
            _ended.Add(write); // Copied to the last byte: it need not wait for the send.
        return true;
    }

    private void UnpinLocked()
    {
        foreach (WriteOperation write in _pinned)
        {
            write.IsPinned = false;
            if (write.IsCut || write.DeferredError is not null)
                _ended.Add(write);
        }

        _pinned.Clear();
    }

    /// <summary>Wakes the writers whose last byte was taken. The caller holds the token and no lock.</summary>
    private void CompleteEnded()
    {
        foreach (WriteOperation write in _ended)
        {
            if (write.End(write.DeferredError))
                _session.Complete(write);
        }

        _ended.Clear();
        foreach (StreamCore stream in _creditReleased)
            stream.ReleaseReference(_session);
        _creditReleased.Clear();
    }
}
