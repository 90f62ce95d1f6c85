namespace Muxado.Fast.Bench.Simulation;

/// <summary>One side's application: opens streams, accepts the peer's, and in an unfair run ends the session in one way or another.</summary>
/// <remarks>Owner: the simulation. Threading: its thread.</remarks>
internal sealed class SimulatedApplication(SimulationRun simulation, Side side, MuxadoSession session)
{
    private static readonly TimeSpan s_closeLimit = new MuxadoSessionOptions().CloseTimeout + TimeSpan.FromMilliseconds(20);

    private readonly List<Task> _endings = [];

    private Dice Dice => simulation.Dice;

    public MuxadoSession Session => session;

    /// <summary>Whether it has begun to end the session.</summary>
    public bool IsEnding { get; private set; }

    /// <summary>Whether it has asked the peer to go away; if the link ends then, that looks like the end it spoke of.</summary>
    public bool IsGoingAway { get; private set; }

    /// <summary>The calls that end the session. Their last step is on the thread pool, when everything here has ended.</summary>
    public IReadOnlyList<Task> Endings => _endings;

    public void Start()
    {
        simulation.Run(OpenAsync());
        for (int i = Dice.Between(1, 3); i > 0; i--)
            simulation.Run(AcceptAsync());
        if (!simulation.Plan.IsFair)
            simulation.Run(DisturbAsync());
    }

    /// <summary>Ends the session in order.</summary>
    public void End() => Begin(Dice.Between(0, 1));

    /// <summary>Ends the session in any way, for good.</summary>
    public void EndAnyhow() => Begin(Dice.Between(1, 2));

    private async Task OpenAsync()
    {
        for (int i = 0; i < simulation.Plan.StreamsPerSide; i++)
        {
            if (Dice.Chance(0.5))
                await simulation.Clock.Delay(Dice.Time(TimeSpan.FromSeconds(1)));
            var options = new MuxadoStreamOptions
            {
                Priority = (uint)Dice.Pick(0, 0, 1, 7),
                StreamType = (uint)Dice.Pick(0, 0, 80),
                CompleteWrites = Dice.Chance(0.1),
            };
            MuxadoStream stream;
            try
            {
                stream = session.OpenStream(options);
            }
            catch (MuxadoException failure)
            {
                bool isAllowed = failure.Error is MuxadoError.GoingAway or MuxadoError.StreamsExhausted
                    ? !simulation.Plan.IsFair && failure.IsRetrySafe
                    : simulation.MaySessionEndWith(failure.Error);
                simulation.Require(isAllowed, side, $"open failed: {failure.Message}", 0);
                return;
            }

            simulation.Trace.Add(side, "open", stream.Id, stream.StreamType);
            Conversation conversation = simulation.OnOpened(side, stream.Id, options);
            simulation.Run(new SimulatedStream(simulation, side, stream, conversation, options.CompleteWrites).UseAsync());
        }

        simulation.OnAllOpened();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            if (Dice.Chance(simulation.Plan.Laziness))
                await simulation.Clock.Delay(Dice.Time(TimeSpan.FromSeconds(1)));
            var cancellation = new CancellationTokenSource();
            if (Dice.Chance(simulation.Plan.CancelChance))
                simulation.Clock.After(Dice.Time(TimeSpan.FromSeconds(1)), cancellation.Cancel);
            Operation operation = simulation.Begin(side, "accept", 0);
            try
            {
                MuxadoStream stream = await session.AcceptStreamAsync(cancellation.Token);
                operation.End(stream.Id);
                Conversation conversation = simulation.OnAccepted(side, stream);
                simulation.Run(new SimulatedStream(simulation, side, stream, conversation, writesCompleted: false).UseAsync());
            }
            catch (OperationCanceledException failure) when (cancellation.IsCancellationRequested)
            {
                operation.End(failure);
            }
            catch (MuxadoException failure)
            {
                operation.End(failure);
                simulation.Require(simulation.MaySessionEndWith(failure.Error), side, $"accept failed: {failure.Message}", 0);
                return;
            }
        }
    }

    private async Task DisturbAsync()
    {
        while (Dice.Chance(0.3))
        {
            await simulation.Clock.Delay(Dice.Time(TimeSpan.FromSeconds(10)));
            Begin(Dice.Between(0, 4));
        }
    }

    private void Begin(int how)
    {
        var cancellation = new CancellationTokenSource();
        if (!simulation.Plan.IsFair && Dice.Chance(0.2))
            simulation.Clock.After(Dice.Time(TimeSpan.FromSeconds(10)), cancellation.Cancel);
        MuxadoErrorCode code = simulation.Plan.IsFair || Dice.Chance(0.7) ? MuxadoErrorCode.NoError : MuxadoErrorCode.InternalError;
        simulation.Trace.Add(side, "end", how, (long)code);
        switch (how)
        {
            case 0:
                IsEnding = true;
                _endings.Add(session.ShutdownAsync(cancellation.Token).AsTask());
                break;
            case 1:
                IsEnding = true;
                _endings.Add(session.CloseAsync(code, cancellation.Token).AsTask());
                simulation.Clock.After(s_closeLimit, () => simulation.Require(session.Completion.IsCompleted, side, "closing takes too long", 0));
                break;
            case 2:
                IsEnding = true;
                session.Abort();
                simulation.Require(session.Completion.IsCompleted, side, "an aborted session has not ended", 0);
                break;
            default:
                IsGoingAway = true;
                _endings.Add(session.GoAwayAsync(code, "enough"u8.ToArray()).AsTask());
                break;
        }
    }
}
