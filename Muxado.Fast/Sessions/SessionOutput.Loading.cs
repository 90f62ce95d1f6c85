using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Muxado.Fast.Buffers;
using Muxado.Fast.Framing;
using Muxado.Fast.Streams;

namespace Muxado.Fast.Sessions;

/// <content>What goes into the batch to send, and in which order: the frames that were filled in, then credit, then frames cut from the ring.</content>
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

    /// <summary>Moves what is queued into the batch to send. False: there is nothing.</summary>
    private bool LoadLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread && _sending.IsEmpty && _loadedBytes == 0);
        if (_isStopped || !HasWorkLocked())
            return false;
        (_filling, _sending) = (_sending, _filling);
        _fillingSynBytes = 0;
        _lastDataId = 0;
        _controlFramesSending = _controlFrames;
        LastSynHanded = _lastSynAppended;
        LoadResetEventsLocked();
        LoadCreditLocked();
        LoadRingLocked();
        _loadedBytes = _sending.TotalBytes;
        return !_sending.IsEmpty;
    }

    /// <summary>The transport has taken the batch: what it counted for counts no longer.</summary>
    private void NoteTakenLocked()
    {
        Volatile.Write(ref _controlFrames, _controlFrames - _controlFramesSending);
        _controlFramesSending = 0;
        _loadedBytes = 0;
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

        // Eight segments hold but four borrowed frames. Where more may go, and there are several writes to take it from, sixteen copied ones cost less.
        bool copies = limit == FastBatchRingBytes && _ring.HasSeveralWrites;
        _lastPriority = Math.Max(floor, _ring.TopPriority);
        int loaded = 0;
        while (loaded < limit && _sending.TotalBytes + Wire.MaxFrameBytes <= OutputLimitBytes && _ring.Next(floor) is { } write)
        {
            floor = Math.Max(floor, write.Stream.Priority);

            // The few bytes by which a power of two exceeds whole frames go first, in the block that the next header is in: behind
            // the large frames they would cost a segment and a block of their own, or the write another turn.
            int oddBytes = write.GrantedBytes % Wire.MaxPayloadBytes;
            int oddFrameBytes = 0;
            if (oddBytes is > 0 and <= StreamCore.SmallWriteBytes && write.GrantedBytes > oddBytes && !write.IsInBlocks
                && _sending.TotalBytes + Wire.HeaderBytes + oddBytes + Wire.MaxFrameBytes <= OutputLimitBytes && TryCutLocked(write, oddBytes, copies))
            {
                oddFrameBytes = Wire.HeaderBytes + oddBytes;
                loaded += oddBytes;
            }

            int payloadBytes = Math.Min(Math.Min(write.GrantedBytes, Wire.MaxPayloadBytes), write.Uncut.Length);
            if (write.DeferredError is null && !TryCutLocked(write, payloadBytes, copies))
                break;
            loaded += payloadBytes;
            _ring.OnCut(write, oddFrameBytes + Wire.HeaderBytes + payloadBytes, floor);
            if (write.GrantedBytes == 0)
                _ring.Unlink(write);
        }
    }

    /// <summary>
    /// Cuts one frame from a write's memory: copied when small, when the segments run out, or when all of the batch is to be, into wide blocks; else borrowed.
    /// False: there is no room for it. Memory that cannot be read ends its write, and nothing else.
    /// </summary>
    private bool TryCutLocked(WriteOperation write, int payloadBytes, bool copies)
    {
        int frameBytes = Wire.HeaderBytes + payloadBytes;
        ReadOnlyMemory<byte> payload = write.Uncut[..payloadBytes];
        bool fin = write.CompletesWrites && write.CutBytes + payloadBytes == write.LengthBytes;
        bool borrows = !copies && payloadBytes > StreamCore.SmallWriteBytes && _transport.CanSendWithoutCopy
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
            if (!TryRead(payload, out ReadOnlySpan<byte> bytes, out Exception? failure))
            {
                GiveUpLocked(write, failure);
                return true;
            }

            Span<byte> frame = copies ? _sending.Reserve(frameBytes, BlockSize.Wide) : _sending.Reserve(frameBytes);
            FrameEncoder.WriteDataHeader(frame, write.Stream.Id, payloadBytes, fin);
            bytes.CopyTo(frame[Wire.HeaderBytes..]);
        }

        write.OnCut(payloadBytes);
        if (write.IsMeasured && write.GrantedBytes == 0 && !write.IsCut)
            write.TurnWait(StreamWait.Transport, _session.Now);
        if (write.IsCut && !write.IsPinned)
            _ended.Add(write); // Copied to the last byte: it need not wait for the send.
        return true;
    }

    /// <summary>The application's own kind of memory may throw, when it was disposed too early for example.</summary>
    private static bool TryRead(ReadOnlyMemory<byte> memory, out ReadOnlySpan<byte> bytes, [NotNullWhen(false)] out Exception? failure)
    {
        failure = null;
        bytes = default;
        try
        {
            bytes = memory.Span;
            return true;
        }
        catch (Exception exception)
        {
            failure = exception;
            return false;
        }
    }

    private void GiveUpLocked(WriteOperation write, Exception failure)
    {
        write.DeferredError = failure;
        write.UnusedBytes = write.GrantedBytes;
        write.GrantedBytes = 0;
        if (!write.IsPinned)
            _ended.Add(write);
    }
}
