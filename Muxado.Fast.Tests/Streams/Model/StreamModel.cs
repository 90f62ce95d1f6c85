using Muxado.Fast.Framing;
using Muxado.Fast.Streams;

namespace Muxado.Fast.Tests.Streams.Model;

/// <summary>What a stream is to do, in the plainest way: flags, counts, and one waiting read and write. Its writes are in StreamModel.Writing.cs.</summary>
internal sealed partial class StreamModel(bool isInbound, bool isOneWay, bool isBottleneck, long budget)
{
    public const string Waits = "waits";
    public const string Disposed = "disposed";
    public const string Invalid = "invalid";
    public const string Cancelled = "cancelled";

    private bool _isAnswered;
    private bool _hasSpoken;
    private bool _isAborted;
    private int _windowSize = Wire.InitialWindowBytes;
    private int _owed;
    private bool _isOwedNoted;
    private bool _wasCredited;
    private int _creditToSend;
    private int _readBytes;
    private MuxadoError? _failure;
    private long _readDue = long.MaxValue;

    public List<string> Sent { get; } = [];

    public long Time { get; private set; } = 1_000_000;

    /// <summary>How far the application has read, and how much the peer has sent.</summary>
    public int ReadTo { get; private set; }

    public int Came { get; private set; }

    public int Unread { get; private set; }

    public int ReceiveCredit { get; private set; } = Wire.InitialWindowBytes;

    public int WindowSize => _windowSize;

    public bool IsFinReceived { get; private set; }

    public bool IsReset { get; private set; }

    public bool IsReleased { get; private set; }

    public bool IsWireClosed => IsReset || (IsFinReceived && IsFinSent);

    public bool IsRecycled => IsReleased && IsWireClosed && !IsReadWaiting && _write is null;

    public MuxadoError Error => _failure ?? MuxadoError.None;

    /// <summary>How the last waiting read ended, or that it waits.</summary>
    public string? Read { get; private set; }

    public bool IsReadWaiting => Read == Waits;

    public bool CanRead => !IsReleased && !_isAborted;

    private bool IsAtEnd => IsFinReceived && !_isAborted && Unread == 0;

    public static string Data(int bytes, bool fin) => $"DATA {bytes}{(fin ? " FIN" : "")}";

    public static string Reset(MuxadoErrorCode code) => $"RST {(int)code}";

    public static string Credit(long bytes) => $"WND_INC {bytes}";

    /// <summary>A whole DATA frame, whose bytes come in two pieces, unless the second is empty. What is said of the last piece.</summary>
    public DataOutcome OnData(int first, int second, bool fin)
    {
        int bytes = first + second;
        if (IsWireClosed || IsRecycled)
            return DataOutcome.NotOpen;
        _isAnswered = true;
        if (IsFinReceived && bytes == 0 && fin)
            return DataOutcome.Taken;
        if (IsFinReceived || bytes > ReceiveCredit)
        {
            Fail(MuxadoError.ProtocolViolation, IsFinReceived ? MuxadoErrorCode.StreamClosed : MuxadoErrorCode.FlowControlError);
            return second == 0 ? DataOutcome.Violation : DataOutcome.NotOpen;
        }

        ReceiveCredit -= bytes;
        if (IsReleased && (bytes > 0 || !fin))
        {
            Fail(MuxadoError.StreamAborted, MuxadoErrorCode.StreamClosed);
            return second == 0 ? DataOutcome.Unwanted : DataOutcome.NotOpen;
        }

        Came += bytes;
        Unread += bytes;
        if (IsReadWaiting && bytes > 0)
        {
            // Whoever waits gets what comes first, and nothing of the next piece.
            int taken = Math.Min(_readBytes, first > 0 ? first : second);
            Take(taken, earnsCredit: !fin);
            Read = $"{taken}";
        }

        if (fin)
        {
            IsFinReceived = true;
            _creditToSend = 0;
            _isOwedNoted = false;
            if (IsReadWaiting)
                Read = "0";
            ArmProbe();
        }

        return DataOutcome.Taken;
    }

    /// <summary>True: early, before this side has said anything.</summary>
    public bool OnReset(uint code)
    {
        if (IsWireClosed || IsRecycled)
            return false;
        bool isRefusal = code == (uint)MuxadoErrorCode.RefusedStream && !isInbound && !_isAnswered;
        Fail(isRefusal ? MuxadoError.StreamRefused : MuxadoError.StreamAborted, tells: null);
        return isInbound && !_hasSpoken;
    }

    public string BeginRead(int bytes)
    {
        if (IsReleased)
            return Disposed;
        if (IsReadWaiting)
            return Invalid;
        Read = _readDue <= Time ? nameof(MuxadoError.DeadlineExceeded) : TryTake(bytes) ?? Waits;
        _readBytes = bytes;
        if (IsReadWaiting)
            NoteOwed();
        return Read;
    }

    public string TryRead(int bytes)
    {
        if (IsReleased)
            return Disposed;
        if (IsReadWaiting)
            return Invalid;
        if (_readDue <= Time)
            return nameof(MuxadoError.DeadlineExceeded);
        if (TryTake(bytes) is { } taken)
            return taken;
        NoteOwed();
        return "no";
    }

    /// <summary>A pipe takes all there is, and looks at it a moment later.</summary>
    public string TakeBlocks()
    {
        if (IsReleased)
            return Disposed;
        if (IsReadWaiting)
            return Invalid;
        if (_readDue <= Time)
            return nameof(MuxadoError.DeadlineExceeded);
        int taken = Unread;
        Take(taken, earnsCredit: true);
        return $"{taken}{(IsAtEnd ? " end" : taken == 0 && _failure is { } failure ? $" {failure}" : "")}";
    }

    public void CancelRead()
    {
        if (IsReadWaiting)
            Read = Cancelled;
    }

    public void ReturnOwed()
    {
        if (_isOwedNoted && !IsFinReceived && !IsReset && !IsReleased)
            GrantOwed();
        _isOwedNoted = false;
    }

    public string SetReadDeadline(long due)
    {
        if (IsReleased)
            return Disposed;
        _readDue = due;
        return "";
    }

    public string Abort(MuxadoErrorCode code)
    {
        if (IsReleased)
            return Disposed;
        _isAborted = true;
        Unread = 0;
        if (!IsWireClosed)
        {
            Fail(MuxadoError.StreamAborted, code);
            return "";
        }

        IsReset = true;
        _failure ??= MuxadoError.StreamAborted;
        return "";
    }

    public void Release()
    {
        if (IsReleased)
            return;
        IsReleased = true;
        _isOwedNoted = false;
        if (IsReadWaiting)
            Read = Disposed;
        bool wasUnread = Unread > 0;
        Unread = 0;
        if (!IsWireClosed)
            LetGo(wasUnread);
    }

    /// <summary>Nobody has seen the stream, and nobody will.</summary>
    public void Refuse()
    {
        if (IsReleased)
            return;
        IsReleased = true;
        _isOwedNoted = false;
        Unread = 0;
        if (!IsReset)
            Fail(MuxadoError.StreamRefused, MuxadoErrorCode.RefusedStream);
    }

    /// <summary>The session has ended, or gone away below this stream.</summary>
    public void EndSession()
    {
        if (!IsWireClosed && !IsRecycled)
            Fail(MuxadoError.SessionClosed, tells: null);
    }

    /// <summary>What is queued leaves.</summary>
    public void Flush()
    {
        if (_creditToSend > 0)
            Sent.Add(Credit(_creditToSend));
        _creditToSend = 0;
        SendWaiting();
    }

    private void Fail(MuxadoError error, MuxadoErrorCode? tells)
    {
        IsReset = true;
        _failure = error;
        _creditToSend = 0;
        _isOwedNoted = false;
        EndWrite(IsReleased ? Disposed : $"{error}");
        if (IsReadWaiting)
            Read = IsReleased ? Disposed : $"{error}";
        if (tells is { } code)
            Sent.Add(Reset(code));
    }

    private string? TryTake(int bytes)
    {
        if (Unread == 0)
            return IsAtEnd ? "0" : _failure?.ToString();
        int taken = Math.Min(bytes, Unread);
        Take(taken, earnsCredit: true);
        return $"{taken}";
    }

    private void Take(int bytes, bool earnsCredit)
    {
        Unread -= bytes;
        ReadTo += bytes;
        _owed += bytes;
        if (2 * _owed < _windowSize)
            return;
        if (earnsCredit && !IsFinReceived && !IsReset)
        {
            GrantOwed();
            Grow();
        }
        else
        {
            ReceiveCredit += _owed;
            _owed = 0;
        }
    }

    private void GrantOwed()
    {
        ReceiveCredit += _owed;
        _creditToSend += _owed;
        _owed = 0;
    }

    private void Grow()
    {
        int larger = Math.Min(2 * _windowSize, 4 * Wire.InitialWindowBytes);
        bool isFirst = !_wasCredited;
        _wasCredited = true;
        if (isFirst || !isBottleneck || larger - Wire.InitialWindowBytes > budget)
            return;
        ReceiveCredit += larger - _windowSize;
        _creditToSend += larger - _windowSize;
        _windowSize = larger;
    }

    private void NoteOwed() => _isOwedNoted |= _owed > 0 && !IsFinReceived && !IsReset;
}
