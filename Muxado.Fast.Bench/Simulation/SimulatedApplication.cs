using Muxado.Fast.Bench.Chance;

namespace Muxado.Fast.Bench.Simulation;

/// <summary>One side's application: opens streams, accepts the peer's, and in an unfair run ends the session in one way or another.</summary>
/// <remarks>Owner: the run. Threading: its thread.</remarks>
internal sealed class SimulatedApplication(SimulationRun run, Side side, MuxadoSession session)
{
    private static readonly TimeSpan s_closeLimit = new MuxadoSessionOptions().CloseTimeout + TimeSpan.FromMilliseconds(20);

    private readonly List<Task> _endings = [];

    private Dice Dice => run.Dice;

    public MuxadoSession Session => session;

    /// <summary>Whether it has begun to end the session.</summary>
    public bool IsEnding { get; private set; }

    /// <summary>Whether it has asked the peer to go away; if the link ends then, that looks like the end it spoke of.</summary>
    public bool IsGoingAway { get; private set; }

    /// <summary>The calls that end the session. Their last step is on the thread pool, when everything here has ended.</summary>
    public IReadOnlyList<Task> Endings => _endings;

    public void Start()
    {
        run.Run(OpenAsync());
        int acceptors = run.Plan.NeverAccepts == side ? 0 : Dice.Between(1, 3);
        for (; acceptors > 0; acceptors--)
            run.Run(Dice.Chance(0.3) ? EnumerateAsync() : AcceptAsync());
        run.Run(LookAsync());
        if (!run.Plan.IsFair)
            run.Run(DisturbAsync());
    }

    /// <summary>Ends the session in order.</summary>
    public void End() => Begin(Dice.Between(0, 2));

    /// <summary>Ends the session in any way, for good.</summary>
    public void EndAnyhow() => Begin(Dice.Between(1, 3));

    private async Task OpenAsync()
    {
        for (int i = 0; i < run.Plan.StreamsPerSide; i++)
        {
            if (Dice.Chance(0.5))
                await run.Clock.Delay(Dice.Time(TimeSpan.FromSeconds(1)));
            var options = new MuxadoStreamOptions
            {
                Priority = (uint)Dice.Pick(0, 0, 1, 7),
                StreamType = (uint)Dice.Pick(0, 0, 80),
                CompleteWrites = Dice.Chance(0.1),
            };
            MuxadoStream stream;
            try
            {
                stream = await OpenAsync(options);
            }
            catch (MuxadoException failure)
            {
                bool isAllowed = failure.Error is MuxadoError.GoingAway or MuxadoError.StreamsExhausted
                    ? !run.Plan.IsFair && failure.IsRetrySafe
                    : run.MaySessionEndWith(failure.Error);
                run.Require(isAllowed, side, $"open failed: {failure.Message}", 0);
                return;
            }

            run.Trace.Add(side, "open", stream.Id, stream.StreamType);
            Use(stream, run.OnOpened(side, stream.Id, options), options.CompleteWrites);
        }

        run.OnAllOpened();
    }

    private async Task<MuxadoStream> OpenAsync(MuxadoStreamOptions options) => Dice.Between(0, 3) switch
    {
        0 => await session.OpenStreamAsync(options),
        1 => session.OpenHandle(options).AsStream(),
        _ => session.OpenStream(options),
    };

    private void Use(MuxadoStream stream, Conversation conversation, bool writesCompleted = false)
    {
        SimulatedEnd end = !writesCompleted && Dice.Chance(run.Plan.PipeChance)
            ? new SimulatedPipe(run, side, stream, conversation)
            : new SimulatedStream(run, side, stream, conversation, writesCompleted);
        run.Run(end.UseAsync());
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            if (Dice.Chance(run.Plan.Laziness))
                await run.Clock.Delay(Dice.Time(TimeSpan.FromSeconds(1)));
            CancellationToken token = DrawToken();
            Operation operation = Begin("accept", token);
            try
            {
                MuxadoStream stream = Dice.Chance(0.5)
                    ? await session.AcceptStreamAsync(token)
                    : (await session.AcceptHandleAsync(token)).AsStream();
                operation.End(stream.Id);
                Use(stream, run.OnAccepted(side, stream));
            }
            catch (OperationCanceledException failure) when (token.IsCancellationRequested)
            {
                operation.End(failure);
            }
            catch (MuxadoException failure)
            {
                operation.End(failure);
                run.Require(run.MaySessionEndWith(failure.Error), side, $"accept failed: {failure.Message}", 0);
                return;
            }
        }
    }

    /// <summary>Accepts by enumeration: one that is cancelled is begun anew, and one that ends has come to the session's end.</summary>
    private async Task EnumerateAsync()
    {
        while (true)
        {
            CancellationToken token = DrawToken();
            await using IAsyncEnumerator<MuxadoStream> streams = session.AcceptStreamsAsync(token).GetAsyncEnumerator(CancellationToken.None);
            while (true)
            {
                Operation operation = Begin("accept the next", token);
                try
                {
                    bool isThere = await streams.MoveNextAsync();
                    operation.End(isThere ? streams.Current.Id : 0);
                    if (!isThere)
                    {
                        run.Require(run.MaySessionEnd, side, "the streams to accept came to an end", 0);
                        return;
                    }

                    Use(streams.Current, run.OnAccepted(side, streams.Current));
                }
                catch (OperationCanceledException failure) when (token.IsCancellationRequested)
                {
                    operation.End(failure);
                    break;
                }
            }
        }
    }

    /// <summary>Looks at the session from outside now and then, which may change nothing.</summary>
    private async Task LookAsync()
    {
        while (Dice.Chance(0.5))
        {
            await run.Clock.Delay(Dice.Time(TimeSpan.FromSeconds(10)));
            MuxadoSessionSnapshot seen = session.GetSnapshot();
            run.Require(seen.UnsentBytes >= 0 && seen.QueuedStreams >= 0 && seen.ActiveStreams >= 0, side, "a snapshot counts less than nothing", 0);
            foreach (MuxadoStreamSnapshot stream in seen.Streams)
            {
                bool isInLedger = stream.ReceiveCreditBytes + stream.UnreadBytes <= stream.ReceiveWindowBytes;
                run.Require(isInLedger && stream.SendCreditBytes >= 0, side, $"a snapshot's windows do not add up: {stream}", stream.Id);
            }
        }
    }

    private Operation Begin(string what, CancellationToken token)
    {
        Operation operation = run.Begin(side, what, 0);
        token.Register(() => operation.MustEndNow("though it was cancelled"));
        return operation;
    }

    private CancellationToken DrawToken()
    {
        if (!Dice.Chance(run.Plan.CancelChance))
            return CancellationToken.None;
        var source = new CancellationTokenSource();
        run.Clock.After(Dice.Time(TimeSpan.FromSeconds(1)), source.Cancel);
        return source.Token;
    }

    private async Task DisturbAsync()
    {
        while (Dice.Chance(0.3))
        {
            await run.Clock.Delay(Dice.Time(TimeSpan.FromSeconds(10)));
            Begin(Dice.Between(0, 5));
        }
    }

    private void Begin(int how)
    {
        var cancellation = new CancellationTokenSource();
        if (!run.Plan.IsFair && Dice.Chance(0.2))
            run.Clock.After(Dice.Time(TimeSpan.FromSeconds(10)), cancellation.Cancel);
        MuxadoErrorCode code = run.Plan.IsFair || Dice.Chance(0.7) ? MuxadoErrorCode.NoError : MuxadoErrorCode.InternalError;
        run.Trace.Add(side, "end", how, (long)code);
        switch (how)
        {
            case 0:
                IsEnding = true;
                _endings.Add(session.ShutdownAsync(cancellation.Token).AsTask());
                break;
            case 1:
                IsEnding = true;
                _endings.Add(session.CloseAsync(code, cancellation.Token).AsTask());
                ExpectEnd();
                break;
            case 2:
                IsEnding = true;
                _endings.Add(session.DisposeAsync().AsTask());
                ExpectEnd();
                break;
            case 3:
                IsEnding = true;
                session.Abort();
                run.Require(session.Completion.IsCompleted, side, "an aborted session has not ended", 0);
                break;
            default:
                IsGoingAway = true;
                _endings.Add(session.GoAwayAsync(code, "enough"u8.ToArray()).AsTask());
                break;
        }
    }
    private void ExpectEnd() =>
        run.Clock.After(s_closeLimit, () => run.Require(session.Completion.IsCompleted, side, "closing takes too long", 0));
}
