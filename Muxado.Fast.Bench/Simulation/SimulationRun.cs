using Muxado.Fast.Bench.Chance;
using Muxado.Fast.Buffers;

namespace Muxado.Fast.Bench.Simulation;

/// <summary>
/// Two sessions, a link between them, and an application at each end, all in one thread and in virtual time: the same seed makes
/// the same run, event by event.
/// </summary>
/// <remarks>Owner: a test. Threading: the thread that made it. Reuse: none.</remarks>
internal sealed partial class SimulationRun
{
    private const int MaxEvents = 2_000_000;
    private static readonly TimeSpan s_fairLimit = TimeSpan.FromMinutes(30);

    // Its blocks are worth keeping from one run to the next; all of them are back at the end of each.
    [ThreadStatic]
    private static BlockPool? t_blocks;

    private readonly BlockPool _blocks = t_blocks ??= new BlockPool();
    private readonly VirtualScheduler _scheduler;
    private readonly SimulatedApplication[] _applications;
    private readonly VirtualPipe _toServer;
    private readonly VirtualPipe _toClient;
    private readonly HashSet<Operation> _pending = [];
    private readonly int _seed;
    private string? _failure;

    /// <param name="seed">Decides everything that happens.</param>
    /// <param name="tapOf">What sees the frames of each side's session; it decides nothing.</param>
    public SimulationRun(int seed, Func<Side, MuxadoFrameTap>? tapOf = null)
    {
        _seed = seed;
        Dice = new Dice(seed);
        Clock = new VirtualClock();
        Trace = new EventTrace(Clock);
        Ledger = new WireLedger(Fail, Trace);
        Plan = SimulationPlan.Draw(Dice);
        _scheduler = new VirtualScheduler(Clock, Dice, Plan.HasOneWorker);
        _volumeLeft = Plan.VolumeBytes;

        _toServer = new VirtualPipe(Plan.ClientToServer, Dice);
        _toClient = new VirtualPipe(Plan.ServerToClient, Dice);
        _applications =
        [
            CreateApplication(Side.Client, new VirtualTransport(this, Side.Client, _toServer, _toClient), tapOf?.Invoke(Side.Client)),
            CreateApplication(Side.Server, new VirtualTransport(this, Side.Server, _toClient, _toServer), tapOf?.Invoke(Side.Server)),
        ];
    }

    public Dice Dice { get; }

    public VirtualClock Clock { get; }

    public EventTrace Trace { get; }

    public WireLedger Ledger { get; }

    public SimulationPlan Plan { get; }

    public SimulatedApplication ApplicationOf(Side side) => _applications[(int)side];

    /// <summary>Runs to the end, and checks everything. Returns what went wrong, or null.</summary>
    public string? Run()
    {
        // The test runner's context would take every continuation to the thread pool.
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            AssertionWatch.ReportTo(Fail);
            RunEvents();
        }
        finally
        {
            AssertionWatch.ReportTo(null);
            _toServer.Retire();
            _toClient.Retire();
            SynchronizationContext.SetSynchronizationContext(outer);
        }

        if (_failure is null)
            CheckEnd();
        if (_failure is null)
            return null;
        t_blocks = null; // What the run has left in use is not the next one's.
        return Report();
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

    private string DescribePending() => string.Join("; ", _pending.Select(operation => operation.Description).Order());

    private string Report() =>
        $"""
        Seed {_seed} failed at {Clock.Elapsed}: {_failure}
        {Plan}
        The last events:
        {Trace}
        Replay: Muxado.Fast.Bench simulate --seeds 1 --from {_seed}
        """;

    private SimulatedApplication CreateApplication(Side side, VirtualTransport transport, MuxadoFrameTap? tap)
    {
        var options = new MuxadoSessionOptions
        {
            Scheduler = _scheduler,
            TimeProvider = Clock,
            Blocks = _blocks,
            Random = Dice.Source,
            FrameTap = tap,
            Scheduling = Plan.Scheduling,
            BusyPoll = Dice.Chance(0.5) ? TimeSpan.Zero : TimeSpan.FromMicroseconds(200),
            StrictGoAway = Dice.Chance(0.3),
            HeartbeatInterval = Plan.HasHeartbeats ? TimeSpan.FromSeconds(3) : Timeout.InfiniteTimeSpan,
            MaxReceiveWindow = Dice.Pick(65_536, 1024 * 1024),
            SessionReceiveBudget = Dice.Pick(0, 200_000, 64 * 1024 * 1024),
        };
        if (!Plan.IsFair)
        {
            options.AcceptBacklog = Dice.Pick(1, 3, 1024);
            options.MaxInboundStreams = Dice.Pick(1, 4, 1024);
            if (Dice.Chance(0.03))
                options.FirstStreamId = (side == Side.Client ? 0x7FFFFFFFu : 0x7FFFFFFEu) - (uint)(2 * Dice.Between(0, 5));
        }

        return new SimulatedApplication(this, side, MuxadoSession.CreateOver(transport, side == Side.Client, options));
    }
}
