using System.Diagnostics;
using Muxado.Fast.Buffers;
using Muxado.Fast.Framing;
using Muxado.Fast.Streams;
using Muxado.Fast.Transport;

namespace Muxado.Fast.Sessions;

/// <summary>
/// Everything on its way out: the batch of small frames, the credit to return, and the ring of large writes. What goes
/// into a batch is in SessionOutput.Loading.cs, sending it in SessionOutput.Flushing.cs.
/// </summary>
/// <remarks>
/// Owner: the session engine.
/// Threading: all queues are guarded by <see cref="_gate"/> (W), the last of the three ordered locks. It is never held across a
/// system call. Whoever holds the flush token (<see cref="_isFlushing"/>) alone touches the batch being sent.
/// Invariants: the token is let go only under W after everything was seen empty, or with a flush posted, so nothing that is queued waits for a
/// flush that never comes. A stream's SYN precedes its DATA, and its DATA its FIN or RST, because all of them go through the batch in
/// the order of the calls, and the ring is cut behind the batch.
/// </remarks>
internal sealed partial class SessionOutput
{
    /// <summary>Small DATA is taken into the batch up to this much; beyond it a writer waits its turn in the ring.</summary>
    private const int BatchDataLimitBytes = 32 * 1024;

    /// <summary>Frames that nobody may hold up, and that a peer can make us send (FIN, RST), may add up to this much before we stop reading.</summary>
    private const int BatchLimitBytes = 128 * 1024;

    /// <summary>With this much, a receive drain stops gathering and sends.</summary>
    private const int CorkLimitBytes = 16 * 1024;

    /// <summary>What is in frames and not with the transport, SYN, FIN and control frames aside: what a peer that does not read makes us hold.</summary>
    private const int OutputLimitBytes = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly SessionEngine _session;
    private readonly ByteTransport _transport;
    private readonly PriorityRing _ring = new();
    private readonly int _controlFramesLimit;
    private readonly ResetHistory _resets;
    private readonly ResetHistory _peerResets;
    private SendBatch _filling;
    private SendBatch _sending;
    private int _fillingSynBytes;
    private StreamCore? _creditFirst;
    private StreamCore? _creditLast;

    // The stream whose DATA is the last frame of the batch, and that frame's length: its FIN can still ride on it. By id, because
    // the stream may have ended since, and its core be another's.
    private uint _lastDataId;
    private int _lastDataFrameBytes;

    // What the batch being sent began with.
    private int _loadedBytes;
    private int _urgentBytes;
    private uint _urgentPriority;

    // The highest priority that competed when the ring was last cut.
    private uint _lastPriority;

    // RST frames that the peer has provoked and that wait for the transport: all of them, and those of the batch being sent.
    private int _controlFrames;
    private int _controlFramesSending;
    private uint _lastSynAppended;
    private bool _isFlushing;
    private bool _isStopped;

    // The goodbye is queued or has left. It is the last frame: the sending side is shut behind it.
    private bool _hasGoodbye;

    public SessionOutput(SessionEngine session, ByteTransport transport, BlockPool blocks)
    {
        _session = session;
        _transport = transport;
        BlockSize blockSize = transport.CanSendWithoutCopy ? BlockSize.Large : BlockSize.Wide;
        _filling = new SendBatch(blocks, blockSize);
        _sending = new SendBatch(blocks, blockSize);
        _controlFramesLimit = session.Options.MaxQueuedControlFrames;
        _sliceTicks = (long)(SliceLimit.TotalSeconds * session.Timer.TicksPerSecond);
        _laterFlush = new LaterFlush(this);

        // No fewer than the peer may have queued, so that it cannot have an id queued twice. Those that the peer has reset are apart, so as not to crowd them out.
        _resets = new ResetHistory(Math.Max(_controlFramesLimit, ResetHistory.UsualIds));
        _peerResets = new ResetHistory(ResetHistory.UsualIds);
    }

    /// <summary>The highest local id whose SYN was handed to the transport: a stream above it was certainly never seen.</summary>
    public uint LastSynHanded { get; private set; }

    public void AppendSyn(uint id, uint priority, uint streamType)
    {
        lock (_gate)
        {
            if (TakesNoFrames)
                return;
            int frameBytes = FrameEncoder.SynBytes(priority, streamType);
            Span<byte> frame = ReserveLocked(frameBytes);
            _fillingSynBytes += frameBytes;
            FrameEncoder.WriteSyn(frame, id, priority, streamType);
            _lastSynAppended = id;
        }
    }

    public bool TryAppendData(StreamCore stream, ReadOnlySpan<byte> payload, bool fin)
    {
        lock (_gate)
        {
            if (TakesNoFrames)
                return true; // The session is ending, and fails the stream: nobody waits for these bytes.
            int frameBytes = Wire.HeaderBytes + payload.Length;
            if (_filling.TotalBytes + frameBytes > (_ring.IsEmpty ? BatchDataLimitBytes : ContendedBatchBytes))
                return false;
            if (_filling.TotalBytes + _loadedBytes + frameBytes > OutputLimitBytes)
                return false;
            if (!_ring.IsEmpty)
            {
                if (stream.Priority <= _ring.TopPriority)
                    return false;
                _ring.SetAside(frameBytes);
                _urgentBytes += payload.Length;
                _urgentPriority = Math.Max(_urgentPriority, stream.Priority);
            }

            Span<byte> frame = ReserveLocked(frameBytes);
            FrameEncoder.WriteDataHeader(frame, stream.Id, payload.Length, fin);
            payload.CopyTo(frame[Wire.HeaderBytes..]);
            _lastDataId = stream.Id;
            _lastDataFrameBytes = frameBytes;
            return true;
        }
    }

    public void AppendFin(StreamCore stream)
    {
        lock (_gate)
        {
            if (TakesNoFrames)
                return;
            if (_lastDataId == stream.Id)
            {
                FrameEncoder.SetFin(_filling.Last(_lastDataFrameBytes));
                return;
            }

            FrameEncoder.WriteDataHeader(ReserveLocked(Wire.HeaderBytes), stream.Id, payloadBytes: 0, fin: true);
        }
    }

    /// <summary>Queues an RST, unless the stream had one: a peer gets at most one for an id, and none in answer to its own.</summary>
    /// <param name="id">The stream.</param>
    /// <param name="code">Why.</param>
    /// <param name="isProvoked">Whether the peer can have as many of them as it likes. Then those that wait hold up what else it sends.</param>
    public void AppendReset(uint id, MuxadoErrorCode code, bool isProvoked)
    {
        lock (_gate)
        {
            if (TakesNoFrames || _peerResets.Contains(id) || !_resets.TryAdd(id))
                return;
            FrameEncoder.WriteRst(ReserveLocked(Wire.RstBytes), id, code);
            if (isProvoked)
                Volatile.Write(ref _controlFrames, _controlFrames + 1);
            NoteResetLocked(id, code);
        }
    }

    /// <summary>The peer has reset the stream: nothing is to answer that.</summary>
    public void SuppressReset(uint id)
    {
        lock (_gate)
            _peerResets.TryAdd(id);
    }

    /// <summary>The frame that closes is the last, whatever is queued at the same moment: when it has left, the session is told, once.</summary>
    public void AppendGoAway(uint lastId, MuxadoErrorCode code, ReadOnlySpan<byte> debug, bool closes)
    {
        lock (_gate)
        {
            if (TakesNoFrames)
                return;
            FrameEncoder.WriteGoAway(ReserveLocked(Wire.GoAwayFixedBytes + debug.Length), lastId, code, debug);
            _hasGoodbye = closes;
        }
    }

    public void LinkWrite(WriteOperation write, int grantedBytes)
    {
        lock (_gate)
        {
            if (write.IsMeasured && write.GrantedBytes == 0)
                write.TurnWait(StreamWait.Window, _session.Now);
            if (write.DeferredError is not null)
            {
                write.UnusedBytes += grantedBytes; // It was given up, and is about to end.
                return;
            }

            write.GrantedBytes += grantedBytes;
            if (!write.IsLinked)
                _ring.Link(write);
        }
    }

    public WriteWithdrawal WithdrawWrite(WriteOperation write, Exception reason, out int refundedBytes)
    {
        lock (_gate)
        {
            refundedBytes = 0;
            if (write.IsCut || write.DeferredError is not null)
                return WriteWithdrawal.TooLate;
            if (write.IsMeasured)
                write.EndWait(_session.Now);
            refundedBytes = write.GrantedBytes;
            write.GrantedBytes = 0;
            if (write.IsLinked)
                _ring.Unlink(write);
            if (!write.IsPinned)
                return WriteWithdrawal.Withdrawn;
            write.DeferredError = reason;
            return WriteWithdrawal.Deferred;
        }
    }

    public void CompleteAfter(WriteOperation write)
    {
        lock (_gate)
            write.CompletesWrites |= !write.IsCut;
    }

    public bool IsCut(WriteOperation write)
    {
        lock (_gate)
            return write.IsCut;
    }

    public int UncutBytes(WriteOperation write)
    {
        lock (_gate)
            return write.LengthBytes - write.CutBytes;
    }

    public void GrantCredit(StreamCore stream, int creditBytes)
    {
        lock (_gate)
        {
            if (TakesNoFrames)
                return;
            stream.CreditBytes += (uint)creditBytes;
            if (stream.IsCreditLinked)
                return;
            stream.IsCreditLinked = true;
            stream.CreditNext = null;
            stream.AddReference();
            if (_creditLast is null)
                _creditFirst = stream;
            else
                _creditLast.CreditNext = stream;
            _creditLast = stream;
        }
    }

    public void DropCredit(StreamCore stream)
    {
        lock (_gate)
            stream.CreditBytes = 0; // It stays linked, and leaves the queue without a frame.
    }

    private bool TakesNoFrames => _isStopped || _hasGoodbye;

    private Span<byte> ReserveLocked(int bytes)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        _lastDataId = 0;
        return _filling.Reserve(bytes);
    }
}
