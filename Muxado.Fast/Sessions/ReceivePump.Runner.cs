using Muxado.Fast.Primitives;

namespace Muxado.Fast.Sessions;

/// <content>
/// The runner: the one thread that runs the ready waiters. What other threads make ready meanwhile they leave to it; when user code
/// holds it up, an alarm makes another thread the runner.
/// </content>
internal sealed partial class ReceivePump
{
    /// <summary>How long a continuation may hold up what is behind it. It shows only when user code blocks.</summary>
    private static readonly TimeSpan RescueDelay = TimeSpan.FromMilliseconds(2);

    /// <summary>The same where nothing is behind it but the next receive: that one waiter is all that a quick exchange has.</summary>
    private static readonly TimeSpan LateRescueDelay = TimeSpan.FromMilliseconds(10);

    /// <summary>Queues a waiter for this thread's drain.</summary>
    public void Add(Completion completion)
    {
        _ready.Add(completion);
        if (_session.IsClosing)
            PassOn(); // The end may have passed on what was ready just before.
        if (!_isParsing)
            LeaveToRunner(); // User code made it ready, and may block before it comes back to the drain.
    }

    /// <summary>This thread's drain will send what is queued. Unless user code blocks before it comes back to the drain, on the peer's answer to that, for example.</summary>
    public void OnGathered()
    {
        if (!_isParsing)
            ArmRescue(RescueDelay);
    }

    /// <summary>Gives what is ready to another thread: whoever has it may be held up, and no alarm will tell any more.</summary>
    public void PassOn()
    {
        if (!_ready.IsEmpty || Volatile.Read(ref _isReceiveDue) != 0)
            _session.Scheduler.Post(new Takeover(this));
    }

    /// <summary>This thread is about to block, maybe for what only comes behind it: another one is the runner from now on, even if nothing is ready yet.</summary>
    public void HandOver()
    {
        if (IsCurrent)
            _session.Scheduler.Post(new Takeover(this));
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

    /// <summary>What a drain may have left to the runner at the very moment when the runner stopped.</summary>
    private bool HasWork => !_ready.IsEmpty || Volatile.Read(ref _isReceiveDue) != 0 || (_session.HasUnflushedAtAGlance && _session.HasUnflushed);

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
            if (_session.IsClosing)
                PassOn(); // Instead: there may be no timer any more.
            completion.Execute();
        }
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

    private sealed class Takeover(ReceivePump pump) : IThreadPoolWorkItem
    {
        public void Execute() => pump.TakeOver();
    }
}
