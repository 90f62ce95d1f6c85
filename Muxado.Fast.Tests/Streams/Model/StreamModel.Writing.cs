using Muxado.Fast.Framing;

namespace Muxado.Fast.Tests.Streams.Model;

/// <content>The application's side of sending, half-close, and what becomes of a write that is called off.</content>
internal sealed partial class StreamModel
{
    private const int SmallWriteBytes = 2048;

    private readonly bool _isOneWay = isOneWay;
    private PendingWrite? _write;
    private bool _isFinRequested;
    private bool _isTruncated;
    private long _writeDue = long.MaxValue;
    private long _probeDue = long.MaxValue;

    public bool IsBatchFull { get; set; }

    public bool IsStalled { get; set; }

    public long SendWindow { get; private set; } = Wire.InitialWindowBytes;

    public bool AreWritesCompleted { get; private set; } = isOneWay;

    public bool IsFinSent { get; private set; } = isOneWay;

    public bool CanWrite => !IsReleased && !AreWritesCompleted && !_isAborted;

    public bool IsWriteWaiting => _write is not null;

    public int Unsent => _write is { } write ? write.Length - write.Cut : 0;

    /// <summary>How the last waiting write ended, or that it waits.</summary>
    public string? Write { get; private set; }

    public string BeginWrite(int bytes, bool completes)
    {
        if (IsReleased)
            return Disposed;
        if (_write is not null)
            return Invalid;
        if (_failure is { } failure)
            return Write = $"{failure}";
        if (AreWritesCompleted && bytes > 0)
            return _isOneWay ? Write = nameof(MuxadoError.StreamAborted) : Invalid;
        if (AreWritesCompleted)
            return Write = "done";
        if (_writeDue <= Time)
            return Write = nameof(MuxadoError.DeadlineExceeded);
        if (bytes == 0 && !completes)
            return Write = "done";

        AreWritesCompleted = completes;
        Write = "done";
        if (bytes == 0)
        {
            SendFin();
        }
        else if (bytes <= SmallWriteBytes && bytes <= SendWindow && !IsBatchFull)
        {
            SendSmall(bytes, completes);
        }
        else
        {
            _hasSpoken = true;
            Write = Waits;
            _write = new PendingWrite { Length = bytes, Unreserved = bytes, Completes = completes };
            Reserve();
            ArmProbe();
        }

        return Write;
    }

    public string TryWrite(int bytes)
    {
        if (IsReleased)
            return Disposed;
        if (_write is not null)
            return Invalid;
        if (_failure is { } failure)
            return $"{failure}";
        if (AreWritesCompleted)
            return _isOneWay ? nameof(MuxadoError.StreamAborted) : Invalid;
        if (_writeDue <= Time)
            return nameof(MuxadoError.DeadlineExceeded);
        int sent = 0;
        while (sent < bytes && !IsBatchFull && SendWindow > 0)
        {
            int frame = (int)Math.Min(Math.Min(bytes - sent, SmallWriteBytes), SendWindow);
            SendSmall(frame, fin: false);
            sent += frame;
        }

        return $"{sent}{(sent > 0 || bytes == 0 ? "" : " no")}";
    }

    public string CompleteWrites()
    {
        if (IsReleased)
            return Disposed;
        if (IsReset || (AreWritesCompleted && _write is null))
            return "";
        AreWritesCompleted = true;
        if (_write is not { } write)
        {
            SendFin();
            return "";
        }

        _isFinRequested = true;
        write.Completes |= write.Cut < write.Length;
        return "";
    }

    /// <summary>False: more than a window may be.</summary>
    public bool OnCredit(uint bytes)
    {
        if (IsWireClosed || IsRecycled)
            return true;
        if (SendWindow + bytes > int.MaxValue)
        {
            Fail(MuxadoError.ProtocolViolation, MuxadoErrorCode.FlowControlError);
            return false;
        }

        SendWindow += bytes;
        Reserve();
        return true;
    }

    public void CancelWrite() => EndWrite(Cancelled);

    /// <summary>The same, by way of the stream and not of its token.</summary>
    public void CancelWriteUnlessReleased()
    {
        if (!IsReleased)
            EndWrite(Cancelled);
    }

    public string SetWriteDeadline(long due)
    {
        if (IsReleased)
            return Disposed;
        _writeDue = due;
        return "";
    }

    public void Advance(long ticks)
    {
        long end = Time + ticks;
        while (true)
        {
            long readDue = IsReadWaiting ? _readDue : long.MaxValue;
            long writeDue = _write is { IsCalledOff: false } && Unsent > 0 ? _writeDue : long.MaxValue;
            long next = Math.Min(Math.Min(readDue, writeDue), _probeDue);
            if (next > end)
                break;
            Time = Math.Max(Time, next);
            if (next == readDue)
                Read = nameof(MuxadoError.DeadlineExceeded);
            else if (next == writeDue)
                EndWrite(nameof(MuxadoError.DeadlineExceeded));
            else
                Probe();
            Flush();
        }

        Time = end;
    }

    public void Pin()
    {
        if (_write is not { Granted: > 0, IsPinned: false } write)
            return;
        write.IsPinned = true;
        CutFrame(write);
    }

    public void Unpin()
    {
        if (_write is not { IsPinned: true } write)
            return;
        write.IsPinned = false;
        if (write.CalledOff is { } reason)
            FinishWrite(reason);
        else if (write.Cut == write.Length)
            FinishWrite(null);
    }

    private void SendWaiting()
    {
        while (!IsStalled && _write is { IsPinned: false, Granted: > 0 } write)
        {
            CutFrame(write);
            if (write.Cut == write.Length)
                FinishWrite(null);
        }
    }

    private void CutFrame(PendingWrite write)
    {
        int bytes = Math.Min(write.Granted, Wire.MaxPayloadBytes);
        write.Granted -= bytes;
        write.Cut += bytes;
        Sent.Add(Data(bytes, write.Completes && write.Cut == write.Length));
    }

    private void SendSmall(int bytes, bool fin)
    {
        Sent.Add(Data(bytes, fin));
        SendWindow -= bytes;
        _hasSpoken = true;
        _isTruncated = false;
        if (fin)
            IsFinSent = true;
    }

    private void SendFin()
    {
        Sent.Add(Data(0, fin: true));
        IsFinSent = _hasSpoken = true;
    }

    private void Reserve()
    {
        if (_write is not { } write)
            return;
        int granted = (int)Math.Min(write.Unreserved, SendWindow);
        SendWindow -= granted;
        write.Unreserved -= granted;
        write.Granted += granted;
    }

    /// <summary>A write is called off: what was not cut goes back to the window, and a frame that the system has must leave first.</summary>
    private void EndWrite(string reason)
    {
        if (_write is not { } write)
            return;
        write.Unreserved = 0;
        if (write.Cut == write.Length || write.IsCalledOff)
            return;
        SendWindow = Math.Min(SendWindow + write.Granted, int.MaxValue);
        write.Granted = 0;
        if (write.IsPinned)
            write.CalledOff = reason;
        else
            FinishWrite(reason);
    }

    private void FinishWrite(string? reason)
    {
        PendingWrite write = _write!;
        _write = null;
        Write = reason ?? "done";
        if (reason is null)
            _isTruncated = false;
        else if (write.Cut > 0)
            _isTruncated = true;
        if (IsReset)
            return;
        if (reason is null && write.Completes)
            IsFinSent = true;
        else if (_isFinRequested)
            SendFin();
        else if (write.Completes)
            AreWritesCompleted = false;
    }

    private void LetGo(bool wasUnread)
    {
        bool isCutOff = _write is not null ? Unsent > 0 : _isTruncated && !AreWritesCompleted;
        if (isCutOff)
        {
            Fail(MuxadoError.StreamAborted, MuxadoErrorCode.Cancel);
        }
        else if (wasUnread)
        {
            Fail(MuxadoError.StreamAborted, MuxadoErrorCode.StreamClosed);
        }
        else if (!AreWritesCompleted)
        {
            AreWritesCompleted = true;
            SendFin();
        }
    }

    private void ArmProbe()
    {
        if (_write is { Unreserved: > 0 } && IsFinReceived && !IsReleased && _probeDue == long.MaxValue)
            _probeDue = Time + ModelHost.ProbeTicks;
    }

    private void Probe()
    {
        _probeDue = long.MaxValue;
        if (_write is not { Unreserved: > 0 } || IsReset)
            return;
        if (!IsBatchFull)
            Sent.Add(Data(0, fin: false));
        ArmProbe();
    }

    private sealed class PendingWrite
    {
        public int Length { get; init; }

        public bool Completes { get; set; }

        public int Unreserved { get; set; }

        public int Granted { get; set; }

        public int Cut { get; set; }

        public bool IsPinned { get; set; }

        public string? CalledOff { get; set; }

        public bool IsCalledOff => CalledOff is not null;
    }
}
