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
/// run by one runner, told by its ticket; a takeover makes another the runner, and the old one stops when user code returns. While a thread is in a drain and more is to come, what it writes is only gathered: the
/// drain sends it in one go.
/// Invariants: a received byte is parsed before the next receive is posted; every drain ends with a flush.
/// Reuse: as a completion, the pump is its own continuation when the next bytes were there at once.
/// </remarks>
internal sealed class ReceivePump : Completion
{
    /// <summary>How long a continuation may hold up what is behind it. It shows only when user code blocks.</summary>
    private static readonly TimeSpan RescueDelay = TimeSpan.FromMilliseconds(2);

    /// <summary>The same where nothing is behind it but the next receive: that one waiter is all that a quick exchange has.</summary>
    private static readonly TimeSpan LateRescueDelay = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// So many receives in a row, each a small message for one waiter, are a conversation, for which it is worth to poll. Where bulk is under way
    /// other threads of the session have work, and want the processor.
    /// </summary>
    private const int ConversationExchanges = 8;

    [ThreadStatic]
    private static ReceivePump? t_current;

    private readonly SessionEngine _session;
    private readonly ByteTransport _transport;
    private readonly FrameDispatcher _dispatcher;
    private readonly FrameDecoder _decoder;
    private readonly ReadyQueue _ready = new();
    private readonly ReceiveBuffer _buffer = new();
    private readonly BusyPoll _poll;
    private TransportResult _arrived;
    private bool _isParsing;

    private int _exchanges;

    // Whether the receive is put off until the one waiter that is ready has run: 1 or 0, and whoever changes it to 0 makes it.
    private int _isReceiveDue;
    private int _runner;
    private int _tickets;
    private int _isPaused;
    private int _executed;
    private int _executedWhenArmed;
    private long _partialAfterFrames = -1;
    private long _partialSince;

    public ReceivePump(SessionEngine session, ByteTransport transport, FrameDispatcher dispatcher, bool strictGoAway)
    {
        _session = session;
        _transport = transport;
        _dispatcher = dispatcher;
        _decoder = new FrameDecoder(strictGoAway);
        bool polls = transport.CanPoll && session.Options.Scheduling != MuxadoScheduling.ThreadPool; // There, waiters need the pool's threads.
        _poll = new BusyPoll(polls ? session.Options.BusyPoll : TimeSpan.Zero);
    }

    /// <summary>Whether this thread is in this session's drain.</summary>
    public bool IsCurrent => t_current == this;

    /// <summary>Whether this thread's drain is going to flush soon anyway.</summary>
    /// <remarks>Streams in the backlog count as ready: the accept loop that runs here is about to take them.</remarks>
    public bool IsGathering => IsCurrent && (_isParsing || !_ready.IsEmpty || !_session.Backlog.IsEmpty);

    public void Start() => _session.Scheduler.Post(new Resumption(this));

    public void OnReceived(in TransportResult result)
    {
        Arrive(result);
        if (IsCurrent)
            LeaveToRunner(); // The transport called back inside our own call to it: the drain around us goes on with it.
        else
            Leave(Enter());
    }

    public void OnSent(in TransportResult result, SessionOutput output)
    {
        ReceivePump? outer = Enter();
        output.OnSent(result);
        Leave(outer);
    }

    /// <summary>Queues a waiter for this thread's drain.</summary>
    public void Add(Completion completion)
    {
        _ready.Add(completion);
        if (!_isParsing)
            LeaveToRunner(); // User code made it ready, and may block before it comes back to the drain.
    }

    /// <summary>Gives what is ready to another thread: whoever has it may be held up, and no alarm will tell any more.</summary>
    public void PassOn()
    {
        if (!_ready.IsEmpty || Volatile.Read(ref _isReceiveDue) != 0)
            _session.Scheduler.Post(new Takeover(this));
    }

    /// <summary>This thread is about to block: what waits behind it goes to another one at once.</summary>
    public void HandOver()
    {
        if (IsCurrent)
            PassOn();
    }

    /// <summary>The output has room again for what the peer provokes.</summary>
    public void Resume()
    {
        if (Volatile.Read(ref _isPaused) != 0 && Interlocked.Exchange(ref _isPaused, 0) != 0)
            _session.Scheduler.Post(new Resumption(this));
    }

    public void OnRescueAlarm()
    {
        if (!HasWork)
            return;
        if (_executed != _executedWhenArmed)
        {
            ArmRescue(RescueDelay);
            return;
        }

        _poll.GiveUp();
        _session.Scheduler.Post(new Takeover(this)); // Not here: what it runs may block as well, and other alarms wait behind this one.
    }

    public void OnPartialFrameAlarm()
    {
        if (!_decoder.IsMidFrame)
            return;
        TimeSpan left = _session.Options.PartialFrameTimeout - _session.Timer.ToTimeSpan(_session.Now - _partialSince);
        if (left > TimeSpan.Zero)
            _session.Timer.Set(SessionAlarm.PartialFrame, left);
        else
            _session.OnViolation(MuxadoErrorCode.ProtocolError, "the rest of a frame did not come in time");
    }

    /// <summary>As a completion: bytes that came while the runner was at work, or at once when the receive was posted.</summary>
    public override void Execute()
    {
        if (_session.HasUnflushedAtAGlance)
            _session.FlushOutput();
        Handle(_arrived);
    }

    /// <summary>What a drain may have left to the runner at the very moment when the runner stopped.</summary>
    private bool HasWork => !_ready.IsEmpty || Volatile.Read(ref _isReceiveDue) != 0 || (_session.HasUnflushedAtAGlance && _session.HasUnflushed);

    private ReceivePump? Enter()
    {
        ReceivePump? outer = t_current;
        t_current = this;
        return outer;
    }

    /// <summary>Ends a drain: runs what is ready, unless a runner is at it, who then takes this thread's share along in its batch.</summary>
    private void Leave(ReceivePump? outer)
    {
        if (TryBecomeRunner(out int ticket))
            Run(ticket);
        else
            LeaveToRunner();
        t_current = outer;
    }

    private bool TryBecomeRunner(out int ticket)
    {
        ticket = Interlocked.Increment(ref _tickets);
        return Interlocked.CompareExchange(ref _runner, ticket, 0) == 0;
    }

    private void Run(int ticket)
    {
        do
        {
            do
            {
                RunReady(ticket);
                if (_session.HasUnflushedAtAGlance)
                    _session.FlushOutput(); // May make writers ready, which then run here as well.
                if (_ready.IsEmpty && Volatile.Read(ref _runner) == ticket && TakeDueReceive())
                    PollAndReceive();
            }
            while (!_ready.IsEmpty && Volatile.Read(ref _runner) == ticket);

            // Lets the role go, or finds that another thread has taken it over while this one was held up, by user code or by the
            // system: the work that it added since may be for nobody then, so it looks again in either case.
            Interlocked.CompareExchange(ref _runner, 0, ticket);
        }
        while (HasWork && Interlocked.CompareExchange(ref _runner, ticket, 0) == 0);

        if (HasWork)
            LeaveToRunner(); // To another, that is: one who may be held up, with no alarm set for what this thread added.
    }

    private void RunReady(int ticket)
    {
        while (Volatile.Read(ref _runner) == ticket && _ready.Take() is { } completion)
        {
            _executed++;
            if (!_ready.IsEmpty && TakeDueReceive())
                Receive(); // No longer one waiter alone: the bytes are not to wait for all of them.
            if (!_ready.IsEmpty || _session.HasUnflushedAtAGlance)
                ArmRescue(RescueDelay);
            else if (Volatile.Read(ref _isReceiveDue) != 0)
                ArmRescue(LateRescueDelay);
            completion.Execute();
        }
    }

    private void Handle(in TransportResult result)
    {
        if (!Parse(result))
        {
            _buffer.Release();
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

    private bool TakeDueReceive() => Volatile.Read(ref _isReceiveDue) != 0 && Interlocked.Exchange(ref _isReceiveDue, 0) != 0;

    /// <summary>Everything is done and sent, and the peer answers quickly: waits for it here.</summary>
    private void PollAndReceive()
    {
        _poll.Prepare();
        Receive(_ready.IsEmpty ? _poll : null);
    }

    /// <summary>There is a runner, who may be polling, or held up.</summary>
    private void LeaveToRunner()
    {
        _poll.Interrupt();
        ArmRescue(RescueDelay);
    }

    private void Receive(BusyPoll? poll = null)
    {
        if (_session.IsControlFull)
        {
            // The peer makes us answer faster than it takes the answers. The flush that makes room resumes.
            Interlocked.Exchange(ref _isPaused, 1); // A full fence: the count is read again after it.
            if (_session.IsControlFull || Interlocked.Exchange(ref _isPaused, 0) == 0)
                return;
        }

        if (poll is not null)
            _transport.PollAtNextReceive(poll);
        if (_transport.Receive(_buffer.Array, out TransportResult result))
            Arrive(result);
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

        _session.OnBytesReceived();
        if (_session.IsClosing)
            return true; // Drained and dropped, so that our last words are not lost to a reset.
        _isParsing = true;
        try
        {
            _decoder.Decode(_buffer.Array.AsSpan(0, result.Bytes), _dispatcher);
        }
        catch (Exception exception)
        {
            // No input may bring the process down, not even one that finds a mistake of ours.
            _session.OnInternalFailure(exception);
        }

        _isParsing = false;
        if (_decoder.IsMidFrame)
            NotePartialFrame();
        return true;
    }

    private void NotePartialFrame()
    {
        if (_partialAfterFrames == _dispatcher.Frames)
            return; // The same one as before.
        _partialAfterFrames = _dispatcher.Frames;
        _partialSince = _session.LastReceived;
        _session.Timer.SetIfUnset(SessionAlarm.PartialFrame, _session.Options.PartialFrameTimeout);
    }

    private void ArmRescue(TimeSpan delay)
    {
        if (_session.Timer.IsSet(SessionAlarm.Rescue) || _session.Options.Scheduling == MuxadoScheduling.TrustedInline)
            return;
        _executedWhenArmed = _executed;
        _session.Timer.Set(SessionAlarm.Rescue, delay);
    }

    private void TakeOver()
    {
        ReceivePump? outer = Enter();
        int ticket = Interlocked.Increment(ref _tickets);
        Volatile.Write(ref _runner, ticket);
        Run(ticket);
        t_current = outer;
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

    private sealed class Takeover(ReceivePump pump) : IThreadPoolWorkItem
    {
        public void Execute() => pump.TakeOver();
    }
}
