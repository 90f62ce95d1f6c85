using Muxado.Fast.Buffers;

namespace Muxado.Fast.Tests.Simulation;

/// <summary>
/// Two sessions, a link between them, and an application at each end, all in one thread and in virtual time: the same seed makes
/// the same run, event by event.
/// </summary>
/// <remarks>Owner: a test. Threading: the thread that made it. Reuse: none.</remarks>
internal sealed class Simulation
{
    private const int MaxEvents = 2_000_000;
    private static readonly TimeSpan s_fairLimit = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan s_tailLimit = TimeSpan.FromSeconds(10);

    private readonly BlockPool _blocks = new();
    private readonly VirtualScheduler _scheduler;
    private readonly SimulatedApplication[] _applications;
    private readonly Dictionary<uint, Conversation> _conversations = [];
    private readonly HashSet<Operation> _pending = [];
    private readonly HashSet<Conversation> _neglected = [];
    private readonly List<TaskCompletionSource> _neglectful = [];
    private readonly int _seed;
    private string? _failure;
    private int _volumeLeft;
    private int _sidesStillOpening = 2;
    private int _conversationsLeft;
    private bool _isEndArranged;

    public Simulation(int seed)
    {
        _seed = seed;
        Dice = new Dice(seed);
        Clock = new VirtualClock();
        Trace = new EventTrace(Clock);
        Ledger = new WireLedger(this);
        _scheduler = new VirtualScheduler(Clock, Dice);
        Plan = SimulationPlan.Draw(Dice);
        _volumeLeft = Plan.VolumeBytes;

        var toServer = new VirtualPipe(Plan.ClientToServer, Dice);
        var toClient = new VirtualPipe(Plan.ServerToClient, Dice);
        _applications =
        [
            CreateApplication(Side.Client, new VirtualTransport(this, Side.Client, toServer, toClient)),
            CreateApplication(Side.Server, new VirtualTransport(this, Side.Server, toClient, toServer)),
        ];
    }

    public Dice Dice { get; }

    public VirtualClock Clock { get; }

    public EventTrace Trace { get; }

    public WireLedger Ledger { get; }

    public SimulationPlan Plan { get; }


    /// <summary>Runs to the end, and checks everything. Returns what went wrong, or null.</summary>
    public string? Run()
    {
        // The test runner's context would take every continuation to the thread pool.
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            using var assertions = new AssertionWatch(Fail);
            RunEvents();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }

        if (_failure is null)
            CheckEnd();
        return _failure is null ? null : Report();
    }
    /// <summary>Whether anything has happened by which a session may end like this.</summary>
    public bool MaySessionEndWith(MuxadoError error)
    {
        bool isEnding = _applications.Any(application => application.IsEnding);
        return error switch
        {
            MuxadoError.SessionClosed => isEnding || Plan.HasBlackHole || (Plan.HasFault && _applications.Any(application => application.IsGoingAway)),
            MuxadoError.SessionAborted => isEnding,
            MuxadoError.TransportFailed => isEnding || Plan.HasFault,
            MuxadoError.HeartbeatTimeout => Plan.HasBlackHole,
            MuxadoError.ProtocolViolation => Plan.HasBlackHole, // The rest of a frame does not come in time.
            _ => false,
        };
    }

    public void Fail(string what) => _failure ??= what;

    public void Require(bool condition, Side side, string? broken, long id)
    {
        if (!condition)
            Fail($"{side}, stream {id}: {broken}");
    }

    /// <summary>Watches over a part of an application: none may fail.</summary>
    public async void Run(Task part)
    {
        try
        {
            await part;
        }
        catch (Exception failure)
        {
            Fail($"an application failed: {failure}");
        }
    }

    public Operation Begin(Side side, string what, long id, long value = 0)
    {
        Trace.Add(side, what, id, value);
        var operation = new Operation(this, side, what, id);
        _pending.Add(operation);
        return operation;
    }

    public void OnEnded(Operation operation) => _pending.Remove(operation);

    /// <summary>How much of what an application would like to write it may: at least a byte.</summary>
    public int SpendVolume(int wanted)
    {
        int granted = Math.Clamp(_volumeLeft, 1, wanted);
        _volumeLeft -= granted;
        return granted;
    }

    public Conversation OnOpened(Side side, uint id, MuxadoStreamOptions options)
    {
        Require(Sides.OpenerOf(id) == side, side, "opened a stream with an id of the other side", id);
        var conversation = new Conversation(id, options);
        _conversations.Add(id, conversation);
        _conversationsLeft++;
        return conversation;
    }

    public Conversation OnAccepted(Side side, MuxadoStream stream)
    {
        Conversation conversation = _conversations[stream.Id];
        Require(conversation.Opener != side, side, "accepted its own stream", stream.Id);
        Require(!conversation.WasAccepted, side, "accepted a stream twice", stream.Id);
        Require(!conversation.IsPromisedUnseen, side, "accepted a stream that its opener was told is safe to retry", stream.Id);
        Require(stream.StreamType == conversation.Options.StreamType, side, $"accepted with type {stream.StreamType}", stream.Id);
        Require(stream.Priority == conversation.Options.Priority, side, $"accepted with priority {stream.Priority}", stream.Id);
        conversation.WasAccepted = true;
        return conversation;
    }

    public void OnAllOpened()
    {
        _sidesStillOpening--;
        EndIfDone();
    }

    public void OnEndDone(Conversation conversation)
    {
        if (++conversation.EndsDone == 2)
        {
            _neglected.Remove(conversation);
            _conversationsLeft--;
        }

        EndIfDone();
    }

    private void RunEvents()
    {
        foreach (SimulatedApplication application in _applications)
            application.Start();
        if (!Plan.IsFair)
            Clock.After(Plan.Patience, ArrangeEnd);

        long events = 0;
        while (_failure is null && RunNext())
        {
            if (++events > MaxEvents)
                Fail("the run does not come to an end");
            if (Plan.IsFair && Clock.Elapsed > s_fairLimit)
                Fail($"the run is stuck: {DescribePending()}");
        }
    }

    private bool RunNext()
    {
        try
        {
            return Clock.RunNext();
        }
        catch (Exception failure)
        {
            Fail($"an exception escaped: {failure}");
            return false;
        }
    }

    /// <summary>What a reader waits for that lets its stream lie: all others have to get by without it.</summary>
    public Task NeglectAsync(Conversation conversation)
    {
        var othersAreDone = new TaskCompletionSource();
        _neglected.Add(conversation);
        _neglectful.Add(othersAreDone);
        EndIfDone();
        return othersAreDone.Task;
    }

    /// <summary>The orderly end of a fair run: everything was said.</summary>
    private void EndIfDone()
    {
        if (!Plan.IsFair || _sidesStillOpening > 0)
            return;
        if (_conversationsLeft == _neglected.Count)
        {
            foreach (TaskCompletionSource reader in _neglectful)
                Clock.After(TimeSpan.Zero, reader.SetResult);
            _neglectful.Clear();
        }

        if (_conversationsLeft > 0 || _isEndArranged)
            return;
        _isEndArranged = true;
        Clock.After(Dice.Time(TimeSpan.FromSeconds(5)), () =>
        {
            int who = Dice.Between(0, 2);
            for (int i = 0; i < 2; i++)
            {
                if (who == i || who == 2)
                    _applications[i].End();
            }
        });
    }

    private void ArrangeEnd()
    {
        foreach (SimulatedApplication application in _applications)
            Clock.After(Dice.Time(TimeSpan.FromSeconds(10)), application.EndAnyhow);
    }

    private void CheckEnd()
    {
        foreach (SimulatedApplication application in _applications)
        {
            Side side = application.Session.IsClient ? Side.Client : Side.Server;
            if (!application.Session.Completion.IsCompleted)
            {
                Fail($"the {side}'s session has not ended; pending: {DescribePending()}");
                return;
            }

            MuxadoSessionCloseInfo info = application.Session.Completion.Result;
            Require(!Plan.IsFair || info.Error == MuxadoError.None, side, $"the session ended with {info.Error}: {info.Exception?.Message}", 0);
            Require(info.Error == MuxadoError.None || MaySessionEndWith(info.Error), side, $"the session ended with {info.Error}: {info.Exception?.Message}", 0);
            Require(!Plan.IsFair || application.Session.ActiveStreams == 0, side, $"{application.Session.ActiveStreams} streams are still active", 0);
            foreach (Task ending in application.Endings)
                Require(HasEnded(ending), side, "closing has not returned, or failed", 0);
        }

        if (_pending.Count > 0)
            Fail($"operations have not ended: {DescribePending()}");
        if (_blocks.Outstanding != 0)
            Fail($"{_blocks.Outstanding} buffers were not given back");
        if (Clock.WasUsedByAnotherThread)
            Fail("another thread took part: the run is not the seed's alone");
        if (Plan.IsFair)
            CheckEverythingArrived();
    }

    private void CheckEverythingArrived()
    {
        foreach (Conversation conversation in _conversations.Values)
        {
            foreach (Side writer in (Side[])[Side.Client, Side.Server])
            {
                Flow flow = conversation.FlowFrom(writer);
                Require(flow.IsReadToEnd, writer.Other(), "did not read to the end", conversation.Id);
                Require(flow.Missing() is null, writer.Other(), flow.Missing(), conversation.Id);
            }
        }
    }

    private static bool HasEnded(Task ending)
    {
        // Its continuation is the thread pool's, whose time is the real one.
        ((IAsyncResult)ending).AsyncWaitHandle.WaitOne(s_tailLimit);
        return ending.IsCompletedSuccessfully || ending.IsCanceled;
    }

    private string DescribePending() => string.Join("; ", _pending.Select(operation => operation.Description).Order());

    private string Report() =>
        $"""
        Seed {_seed} failed at {Clock.Elapsed}: {_failure}
        {Plan}
        The last events:
        {Trace}
        Replay: add [TestCase({_seed})] to {nameof(ReplayedSeeds)}.
        """;

    private SimulatedApplication CreateApplication(Side side, VirtualTransport transport)
    {
        var options = new MuxadoSessionOptions
        {
            Scheduler = _scheduler,
            TimeProvider = Clock,
            Blocks = _blocks,
            Random = Dice.Source,
            HeartbeatInterval = Plan.HasHeartbeats ? TimeSpan.FromSeconds(3) : Timeout.InfiniteTimeSpan,
            MaxReceiveWindow = Dice.Pick(65_536, 1024 * 1024),
            SessionReceiveBudget = Dice.Pick(0, 200_000, 64 * 1024 * 1024),
        };
        if (!Plan.IsFair)
        {
            options.AcceptBacklog = Dice.Pick(1, 3, 1024);
            options.MaxInboundStreams = Dice.Pick(1, 4, 1024);
        }

        return new SimulatedApplication(this, side, MuxadoSession.CreateOver(transport, side == Side.Client, options));
    }
}
