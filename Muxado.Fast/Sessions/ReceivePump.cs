using Muxado.Fast.Buffers;
using Muxado.Fast.Framing;
using Muxado.Fast.Primitives;
using Muxado.Fast.Transport;

namespace Muxado.Fast.Sessions;

/// <summary>
/// The receive drain: parse everything that came, post the next receive, then run the waiters that became ready, on this
/// thread. Neither a hop nor a wake stands between the bytes and the user's code, and user code cannot stall the pump: bytes that
/// come in meanwhile wait in line as one more thing to do, for larger batches, and what waits behind a continuation that blocks is
/// taken over by another thread after <see cref="RescueDelay"/>. In a conversation, one small message at a time with a peer that
/// answers quickly, it is the other way round: the waiter runs, and then this thread looks for the answer itself (<see cref="BusyPoll"/>).
/// </summary>
/// <remarks>
/// Owner: the session engine.
/// Threading: one receive is under way at a time, so the buffer and the decoder belong to whoever handles it. Ready waiters are
/// run by one runner (ReceivePump.Runner.cs), told by its ticket; a takeover makes another the runner, and the old one stops when user
/// code returns. While a thread is in a drain and more is to come, what it writes is only gathered: the drain sends it in one go.
/// Invariants: a received byte is parsed before the next receive is posted; every drain ends with a flush. While paused nobody parses or
/// receives, and part of what came may wait in the buffer.
/// Reuse: as a completion, the pump is its own continuation when the next bytes were there at once.
/// </remarks>
internal sealed partial class ReceivePump : Completion
{
    /// <summary>
    /// So many receives in a row, each a small message for one waiter, are a conversation, for which it is worth to poll. Where bulk is under way
    /// other threads of the session have work, and want the processor.
    /// </summary>
    private const int ConversationExchanges = 8;

    /// <summary>
    /// How long one thread goes on with bytes that keep coming. Then it queues for a thread like everybody else: a few peers that never stop
    /// sending would otherwise have all threads of the pool to themselves.
    /// </summary>
    private static readonly TimeSpan SliceLimit = TimeSpan.FromMilliseconds(5);

    [ThreadStatic]
    private static ReceivePump? t_current;

    private readonly SessionEngine _session;
    private readonly ByteTransport _transport;
    private readonly FrameDispatcher _dispatcher;
    private readonly FrameDecoder _decoder;
    private readonly ReadyQueue _ready = new();
    private readonly ReceiveBuffer _buffer = new();
    private readonly BusyPoll _poll;
    private readonly LaterArrival _laterArrival;
    private readonly long _sliceTicks;
    private readonly StallLimit _partialLimit;
    private TransportResult _arrived;
    private bool _beginsSlice = true;
    private long _sliceBegan;
    private bool _isParsing;

    // Of the last receive: how many bytes came, and how many are decoded. Fewer only while paused, or about to be.
    private int _receivedBytes;
    private int _decodedBytes;
    private int _exchanges;

    // Whether the receive is put off until the one waiter that is ready has run: 1 or 0, and whoever changes it to 0 makes it.
    private int _isReceiveDue;
    private int _runner;
    private int _tickets;
    private int _isPaused;
    private int _executed;
    private int _executedWhenArmed;
    private long _partialFrame = -1;
    private long _partialSince;

    public ReceivePump(SessionEngine session, ByteTransport transport, FrameDispatcher dispatcher, bool strictGoAway)
    {
        _session = session;
        _transport = transport;
        _dispatcher = dispatcher;
        _decoder = new FrameDecoder(strictGoAway);
        _laterArrival = new LaterArrival(this);
        _sliceTicks = (long)(SliceLimit.TotalSeconds * session.Timer.TicksPerSecond);
        _partialLimit = new StallLimit(session.Timer, SessionAlarm.PartialFrame, session.Options.PartialFrameTimeout);
        bool polls = transport.CanPoll && session.Options.Scheduling != MuxadoScheduling.ThreadPool; // There, waiters need the pool's threads.
        _poll = new BusyPoll(polls ? session.Options.BusyPoll : TimeSpan.Zero);
    }

    /// <summary>Whether nothing is read for now, because the peer takes our answers more slowly than it provokes them.</summary>
    public bool IsPaused => Volatile.Read(ref _isPaused) != 0;

    /// <summary>Tells the frames that come one after the other apart. A GOAWAY counts twice: it is told when its debug bytes are still to come.</summary>
    private long FrameNumber => (2 * _dispatcher.Frames) + (_decoder.IsMidFrame ? 0 : 1);

    /// <summary>Whether this thread is in this session's drain.</summary>
    public bool IsCurrent => t_current == this;

    /// <summary>Whether this thread's drain is going to flush soon anyway.</summary>
    /// <remarks>Streams in the backlog count as ready: the accept loop that runs here is about to take them.</remarks>
    public bool IsGathering => IsCurrent && (_isParsing || !_ready.IsEmpty || !_session.Backlog.IsEmpty);

    public void Start() => _session.Scheduler.Post(new Resumption(this));

    public void OnReceived(in TransportResult result)
    {
        if (IsCurrent)
        {
            Arrive(result);
            LeaveToRunner(); // The transport called back inside our own call to it: the drain around us goes on with it.
            return;
        }

        _beginsSlice = true; // The receive's, like all of its fields: nobody else has them until it is in the ready queue.
        Arrive(result);
        Leave(Enter());
    }

    public void OnSent(in TransportResult result)
    {
        ReceivePump? outer = Enter();
        _session.Output.OnSent(result);
        Leave(outer);
    }

    /// <summary>The output has room again for what the peer provokes.</summary>
    public void Resume()
    {
        if (Volatile.Read(ref _isPaused) != 0 && Interlocked.Exchange(ref _isPaused, 0) != 0)
            _session.Scheduler.Post(new Resumption(this));
    }

    public void OnPartialFrameAlarm()
    {
        // What is being decoded at this moment is in the middle of a frame, too: it is noted afterwards, with an alarm of its own.
        if (!_decoder.HasUnfinishedFrame || Volatile.Read(ref _partialFrame) != FrameNumber)
            return;
        if (IsPaused)
            _partialSince = _session.Now; // What may have come long ago and is not read is not late.
        if (_partialLimit.IsOver(_partialSince))
            _session.OnViolation(MuxadoErrorCode.ProtocolError, "the rest of a frame did not come in time");
    }

    /// <summary>As a completion: bytes that came while the runner was at work, or at once when the receive was posted.</summary>
    public override void Execute()
    {
        if (_session.HasUnflushedAtAGlance)
            _session.FlushOutput();
        Handle(_arrived);
    }

    private ReceivePump? Enter()
    {
        ReceivePump? outer = t_current;
        t_current = this;
        return outer;
    }

    private void Handle(in TransportResult result)
    {
        if (!Parse(result))
        {
            _buffer.Release();
            _dispatcher.End();
            return;
        }

        if (_decodedBytes < _receivedBytes)
        {
            Receive();
            return;
        }

        _buffer.OnParsed(result.Bytes);
        bool isExchange = _ready.HasOne && result.Bytes <= ReceiveBuffer.SmallBytes;
        _exchanges = isExchange ? Math.Min(_exchanges + 1, ConversationExchanges) : 0;
        if (_exchanges == ConversationExchanges && !_session.IsClosing && _poll.IsWorthwhile())
            Volatile.Write(ref _isReceiveDue, 1);
        else
            Receive();
    }

    private void Receive(BusyPoll? poll = null)
    {
        do
        {
            if (MustPause())
                return;
        }
        while (!DecodeRest());

        if (poll is not null)
            _transport.PollAtNextReceive(poll);
        if (!_transport.Receive(_buffer.Array, out TransportResult result))
            return;
        if (_session.LastReceived - _sliceBegan < _sliceTicks)
            Arrive(result);
        else
            _laterArrival.Post(result);
    }

    /// <summary>Whether the peer makes us answer faster than it takes the answers. The flush that makes room resumes.</summary>
    private bool MustPause()
    {
        if (!_session.IsControlFull)
            return false;
        _session.FlushOutput();
        if (!_session.IsControlFull)
            return false;
        Interlocked.Exchange(ref _isPaused, 1); // A full fence: the count is read again after it.
        return _session.IsControlFull || Interlocked.Exchange(ref _isPaused, 0) == 0;
    }

    /// <summary>Decodes what was left of the last receive, if anything was. False: something still is.</summary>
    private bool DecodeRest()
    {
        if (_decodedBytes == _receivedBytes)
            return true;
        Decode();
        if (_decodedBytes < _receivedBytes)
            return false;
        _buffer.OnParsed(_receivedBytes);
        return true;
    }

    private void Arrive(in TransportResult result)
    {
        _arrived = result;
        _ready.Add(this);
    }

    /// <summary>Parses what came. False: nothing more will be received.</summary>
    private bool Parse(in TransportResult result)
    {
        if (result.Error is not null)
        {
            _session.OnTransportFailed(result.Error);
            return false;
        }

        if (result.Bytes == 0)
        {
            _session.OnEndOfInput(_decoder.IsMidFrame);
            return false;
        }

        _session.OnBytesReceived(result.Bytes);
        if (_beginsSlice)
            _sliceBegan = _session.LastReceived;
        _beginsSlice = false;
        (_receivedBytes, _decodedBytes) = (result.Bytes, 0);
        Decode();
        return true;
    }

    /// <summary>Decodes what came, or as much of it as the dispatcher can take for now.</summary>
    private void Decode()
    {
        int decodedBytes = _receivedBytes;
        if (!_session.IsClosing) // Otherwise drained and dropped, so that our last words are not lost to a reset.
        {
            long before = _decoder.BytesDecoded;
            _isParsing = true;
            try
            {
                if (_decoder.Decode(_buffer.Array.AsSpan(_decodedBytes.._receivedBytes), _dispatcher))
                    decodedBytes = _decodedBytes + (int)(_decoder.BytesDecoded - before);
            }
            catch (Exception exception)
            {
                // No input may bring the process down, not even one that finds a mistake of ours.
                _session.OnInternalFailure(exception);
            }

            _isParsing = false;
            if (_decoder.HasUnfinishedFrame)
                NotePartialFrame();
        }

        _decodedBytes = decodedBytes;
    }

    private void NotePartialFrame()
    {
        if (_partialFrame != FrameNumber)
        {
            _partialSince = _session.LastReceived;
            Interlocked.Exchange(ref _partialFrame, FrameNumber); // A full fence: the alarm that this finds set sees it.
        }

        // Also for one that was noted before: its alarm may have rung while a piece of it was decoded.
        _partialLimit.Begin();
    }

    /// <summary>Bytes that were there at once, and are dealt with as if they had come a little later. One at a time, as there is one receive.</summary>
    private sealed class LaterArrival(ReceivePump pump) : IThreadPoolWorkItem
    {
        private TransportResult _result;

        public void Post(in TransportResult result)
        {
            _result = result;
            pump._session.Scheduler.Post(this);
        }

        public void Execute() => pump.OnReceived(_result);
    }

    private sealed class Resumption(ReceivePump pump) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            ReceivePump? outer = pump.Enter();
            pump.Receive();
            pump.Leave(outer);
        }
    }
}
