namespace Muxado.Fast.Streams;

/// <summary>What the session has to do about a DATA frame that the stream did not simply take.</summary>
internal enum DataOutcome
{
    Taken,

    /// <summary>The core is no longer this stream: treat the id as closed.</summary>
    NotOpen,

    /// <summary>Nobody is there any more to read it, and the stream was reset for it; no fault of the peer's.</summary>
    Unwanted,

    /// <summary>The peer had no right to send it, and the stream was reset for it.</summary>
    Violation,
}

/// <content>The peer's frames, as the dispatcher delivers them.</content>
internal sealed partial class StreamCore
{
    /// <summary>
    /// Takes a chunk of a DATA frame: straight into a waiting reader's memory as far as it goes, else into blocks. The whole
    /// payload is charged to the window with its first chunk, at offset 0.
    /// </summary>
    public DataOutcome OnData(StreamHost host, uint id, ReadOnlySpan<byte> chunk, int payloadBytes, int offset, bool fin)
    {
        StreamEffects effects = default;
        DataOutcome outcome;
        lock (_gate)
        {
            if (!IsLocked(host, id))
                return DataOutcome.NotOpen;
            outcome = TakeDataLocked(chunk, payloadBytes, offset, fin, ref effects);
        }

        effects.Apply(host, this);
        return outcome;
    }

    /// <summary>True: the peer reset its own stream before this side had sent anything on it.</summary>
    public bool OnReset(StreamHost host, uint id, uint code)
    {
        StreamEffects effects = default;
        bool isEarly;
        lock (_gate)
        {
            if (!IsLocked(host, id))
                return false;
            isEarly = IsInbound && !Has(StreamState.Spoken);
            FailLocked(PeerReset(code), ref effects);
        }

        effects.Apply(host, this);
        return isEarly;
    }

    /// <summary>False: the peer had no right to send it, and the stream was reset for it.</summary>
    public bool OnCredit(StreamHost host, uint id, uint creditBytes)
    {
        StreamEffects effects = default;
        bool isLegal;
        lock (_gate)
        {
            if (!IsLocked(host, id))
                return true;
            isLegal = _sendWindow.TryGrow(creditBytes);
            if (!isLegal)
            {
                ResetLocked(
                    new StreamFailure(MuxadoError.ProtocolViolation, $"frame WND_INC on stream {id}: {creditBytes} more bytes take the window past 2^31-1", MuxadoErrorCode.FlowControlError),
                    MuxadoErrorCode.FlowControlError,
                    ref effects);
            }
            else if (_write is { UnreservedBytes: > 0 } write)
            {
                ReserveLocked(write);
                effects.Flush = true;
            }
        }

        effects.Apply(host, this);
        return isLegal;
    }

    /// <summary>The session refuses a stream that nobody has seen.</summary>
    public void Refuse(StreamHost host, uint id, StreamFailure failure)
    {
        StreamEffects effects = default;
        lock (_gate)
        {
            if (Id != id || _host != host || Has(StreamState.Released))
                return;
            _generation++;
            _state |= StreamState.Released;
            effects.ReferencesDropped = 1;
            DropUnreadLocked(host);
            if (!Has(StreamState.Reset))
                ResetLocked(failure, MuxadoErrorCode.RefusedStream, ref effects);
        }

        effects.Apply(host, this);
    }

    private DataOutcome TakeDataLocked(ReadOnlySpan<byte> chunk, int payloadBytes, int offset, bool fin, ref StreamEffects effects)
    {
        _state |= StreamState.Answered;
        if (offset == 0)
        {
            if (Has(StreamState.FinReceived))
            {
                if (payloadBytes == 0 && fin)
                    return DataOutcome.Taken; // Go's second Close: says nothing new.
                ResetLocked(Violation($"frame DATA on stream {Id}: it came after FIN", MuxadoErrorCode.StreamClosed), MuxadoErrorCode.StreamClosed, ref effects);
                return DataOutcome.Violation;
            }

            if (!_receiveWindow.TryCharge(payloadBytes))
            {
                ResetLocked(
                    Violation($"frame DATA on stream {Id}: {payloadBytes} bytes are more than the window allows", MuxadoErrorCode.FlowControlError),
                    MuxadoErrorCode.FlowControlError,
                    ref effects);
                return DataOutcome.Violation;
            }
        }

        if (Has(StreamState.Released) && !(payloadBytes == 0 && fin))
        {
            ResetLocked(Disposal, MuxadoErrorCode.StreamClosed, ref effects);
            return DataOutcome.Unwanted;
        }

        bool ends = fin && offset + chunk.Length == payloadBytes;
        DeliverLocked(chunk, fin, ref effects);
        if (ends)
        {
            _state |= StreamState.FinReceived;
            StreamExtras.Signal(_extras?.PeerWritesClosed, null);
            ForgetOwedLocked(ref effects);
            if (IsCreditLinked) // Guarded by W, but set only under S too: false here means that there is none to drop.
                _host.DropCredit(this);
            if (AtEndLocked() && _read is null)
                SignalReadsClosedLocked();
            ArmProbeLocked();
        }

        if ((ends || chunk.Length > 0) && _read is { IsQueued: false } read)
        {
            read.IsQueued = true;
            effects.Read = read;
        }

        if (ends)
            CheckWireClosedLocked(ref effects);
        return DataOutcome.Taken;
    }

    private void DeliverLocked(ReadOnlySpan<byte> chunk, bool fin, ref StreamEffects effects)
    {
        if (chunk.IsEmpty)
            return;
        if (_read is { } read && _unread.Count == 0)
        {
            int filled = read.Fill(chunk, out Exception? failure);
            if (failure is not null && !read.IsQueued)
                CancelReadLocked(read, failure, ref effects); // The bytes wait for the next read. One that is queued reports what it has.
            chunk = chunk[filled..];
            if (fin)
                _receiveWindow.Consume(filled); // The peer needs no more credit.
            else
                ConsumeLocked(filled); // Its credit leaves with the flush that ends every receive drain.
        }

        if (!chunk.IsEmpty)
        {
            NoteUnreadLocked();
            _unread.Append(chunk, _host.Blocks);
        }
    }

    private StreamFailure PeerReset(uint code)
    {
        bool isRefusal = code == (uint)MuxadoErrorCode.RefusedStream && !IsInbound && !Has(StreamState.Answered);
        return isRefusal
            ? new StreamFailure(MuxadoError.StreamRefused, $"The peer refused stream {Id} before its application saw it; it is safe to retry.", MuxadoErrorCode.RefusedStream, IsRetrySafe: true)
            : new StreamFailure(MuxadoError.StreamAborted, $"The peer reset stream {Id} with code {code} ({(MuxadoErrorCode)code}).", (MuxadoErrorCode)code);
    }

    private static StreamFailure Violation(string message, MuxadoErrorCode code) => new(MuxadoError.ProtocolViolation, message, code);
}
