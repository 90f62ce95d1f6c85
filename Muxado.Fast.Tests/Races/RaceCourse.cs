using Muxado.Fast.Buffers;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>
/// Runs the same few actions against each other, over and over: on one stream after the other of a session, or on a session each where
/// they leave their mark on it. After every race each operation has to have ended for a reason that was there, and at the end no buffer is out.
/// </summary>
internal sealed class RaceCourse
{
    /// <summary>Far fewer than a session bears of streams that its peer resets early.</summary>
    private const int RacesPerSession = 250;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<RaceAction> _actions;
    private readonly TransportKind? _transport;
    private readonly BlockPool _blocks = new();
    private readonly Cause _causes;
    private readonly Task[] _operations;

    /// <param name="actions">One for each thread.</param>
    /// <param name="transport">What connects session and peer; null: frames are fed to the session on the racing threads.</param>
    public RaceCourse(IReadOnlyList<RaceAction> actions, TransportKind? transport)
    {
        _actions = actions;
        _transport = transport;
        _causes = Verdict.WithConsequences(actions.Aggregate(Cause.None, (causes, action) => causes | action.Brings));
        _operations = new Task[actions.Count];
    }

    public async Task RunAsync(int races, int seed, CancellationToken cancellationToken)
    {
        var isShared = (_causes & Cause.Session) == 0;
        using var threads = new RacingThreads(_actions.Count, seed);
        Race? race = null;
        for (var round = 0; round < races; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            race ??= await ConnectAsync(round);
            await race.BeginAsync(round);
            Start(threads, race);
            var isLast = !isShared || round % RacesPerSession == RacesPerSession - 1 || round == races - 1;
            try
            {
                await JudgeAsync(race);
                if (isLast)
                    await (isShared ? race.CloseAsync() : EndAsync(race));
            }
            catch (Exception failure)
            {
                throw new AssertionException($"Race {round} of {string.Join(" against ", _actions.Select(action => action.Name))}, seed {seed}: {failure.Message}", failure);
            }

            if (isLast)
                race = null;
        }

        await Timing.Until(() => _blocks.Outstanding == 0, "every rented block has come back");
    }

    private async Task<Race> ConnectAsync(int round)
    {
        var isClient = round / 2 % 2 == 0;
        var options = new MuxadoSessionOptions { HeartbeatInterval = Timeout.InfiniteTimeSpan, Blocks = _blocks };
        if (_transport is { } kind)
        {
            var (session, peer) = await StreamPeer.ConnectAsync(kind, isClient, options);
            return new Race(session, peer, _actions.Count);
        }

        var transport = new FedTransport(round) { IsSlow = round / 4 % 2 == 0 };
        return new Race(MuxadoSession.CreateOver(transport, isClient, options), transport, _actions.Count);
    }

    private void Start(RacingThreads threads, Race race)
    {
        var racers = new Action[_actions.Count];
        for (var i = 0; i < racers.Length; i++)
        {
            var racer = i;
            racers[i] = () => _operations[racer] = StartAsync(_actions[racer], race, racer);
        }

        threads.Run(racers);
    }

    /// <summary>What an operation throws at the call is its result too.</summary>
    private static Task StartAsync(RaceAction action, Race race, int racer)
    {
        try
        {
            return action.Start(race, racer);
        }
        catch (Exception failure)
        {
            return Task.FromException(failure);
        }
    }

    private async Task JudgeAsync(Race race)
    {
        var causes = new Cause[_actions.Count];
        for (var i = 0; i < causes.Length; i++)
        {
            causes[i] = CausesFor(i, race);
            var kind = _actions[i].Kind;
            if (MustEnd(kind, causes[i], race))
                await EndsAsync(i);
            else if ((causes[i] & Verdict.Enders(kind)) == 0)
                Assert.That(_operations[i].IsCompleted, Is.False, $"nothing has ended the {_actions[i].Name}");
        }

        await AnswerAsync(race, causes);
        for (var i = 0; i < causes.Length; i++)
            Judge(race, i, causes[i]);
        VerifyTogether(race);
        race.Finish();
    }

    /// <summary>What happened beside an operation.</summary>
    private Cause CausesFor(int racer, Race race)
    {
        var causes = Cause.None;
        for (var i = 0; i < _actions.Count; i++)
        {
            if (i == racer)
                continue;
            causes |= _actions[i].Brings;
            if (_actions[i].Kind == _actions[racer].Kind)
                causes |= Cause.Busy;
        }

        causes = Verdict.WithConsequences(causes);

        // That the peer has taken none of our streams says nothing about its own.
        var isOfPeersStream = race.IsInbound && _actions[racer].Kind is OperationKind.Read or OperationKind.Write;
        return isOfPeersStream ? causes & ~Cause.PeerGoneAway : causes;
    }

    /// <summary>Whether an operation ends without an answer. A stream or a byte that comes is for one of several that wait, or begin one after the other.</summary>
    private bool MustEnd(OperationKind kind, Cause causes, Race race) => kind switch
    {
        OperationKind.Accept => (causes & Cause.SessionEnds) != 0
            || ((causes & (Cause.PeerSyn | Cause.GoneAway)) == Cause.PeerSyn && IsAlone(kind)),
        OperationKind.Read => (causes & Verdict.CertainEnders(kind) & ~(IsAlone(kind) ? Cause.None : Cause.Data)) != 0,
        OperationKind.Write => race.WritesFit || (causes & Verdict.CertainEnders(kind)) != 0,
        _ => true,
    };

    private bool IsAlone(OperationKind kind) => _actions.Count(action => action.Kind == kind) == 1;

    /// <summary>Whatever still waits, waits for the peer. It must not have to wait any longer.</summary>
    private async Task AnswerAsync(Race race, Cause[] causes)
    {
        var waiting = Enumerable.Range(0, causes.Length).Where(racer => !_operations[racer].IsCompleted).ToList();

        // No stream will come any more to an accept when this side has gone away.
        var hopeless = waiting.Where(racer => _actions[racer].Kind == OperationKind.Accept && (causes[racer] & Cause.GoneAway) != 0).ToList();
        foreach (var racer in waiting.Except(hopeless))
            causes[racer] |= Answer(race, _actions[racer].Kind);
        foreach (var racer in waiting.Except(hopeless))
            await EndsAsync(racer);
        if (hopeless.Count > 0)
            race.Session.Abort();
        foreach (var racer in hopeless)
        {
            causes[racer] |= Cause.Aborted;
            await EndsAsync(racer);
        }
    }

    /// <summary>What one more operation of a kind waits for comes from the peer.</summary>
    private static Cause Answer(Race race, OperationKind kind)
    {
        switch (kind)
        {
            case OperationKind.Read:
                race.Peer.Send(Frames.Data(race.Id, "x"));
                return Cause.Data;
            case OperationKind.Write:
                race.Peer.Send(Frames.WndInc(race.Id, RaceAction.Credit));
                return Cause.Credit;
            default:
                race.LetPeerOpen();
                return Cause.PeerSyn;
        }
    }

    private async Task EndsAsync(int racer)
    {
        if (!_operations[racer].IsCompleted)
            await _operations[racer].WaitAsync(s_limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.That(_operations[racer].IsCompleted, $"the {_actions[racer].Name} has not ended within {s_limit.TotalSeconds} s");
    }

    private void Judge(Race race, int racer, Cause causes)
    {
        var action = _actions[racer];
        Assert.That(_operations[racer].IsCanceled, Is.False, $"nobody has cancelled the {action.Name}");
        if (_operations[racer].Exception?.InnerException is { } failure)
        {
            var reason = Verdict.Of(failure) & Verdict.Enders(action.Kind) & causes;
            Assert.That(reason, Is.Not.EqualTo(Cause.None), $"the {action.Name} failed without a reason: {failure}");
            if (action.Kind == OperationKind.Read)
                race.VerifyRead(racer, 0);
        }
        else if (action.Kind == OperationKind.Read)
        {
            var count = race.ReadCount(racer);
            Assert.That(causes & (count == 0 ? Cause.PeerFin : Cause.Data), Is.Not.EqualTo(Cause.None), $"the read returned {count}");
            race.VerifyRead(racer, count);
        }
        else if (action.Kind == OperationKind.Write)
        {
            Assert.That(race.WritesFit || (causes & Cause.Credit) != 0, "a write succeeded that is larger than the window");
        }
    }

    /// <summary>Of several reads or writes that wait, all but one are turned away; what succeeded arrives.</summary>
    private void VerifyTogether(Race race)
    {
        var reads = CountSucceeded(OperationKind.Read);
        var writes = CountSucceeded(OperationKind.Write);
        if ((_causes & (Cause.Data | Cause.PeerFin)) == 0)
            Assert.That(reads, Is.LessThanOrEqualTo(1), "reads that waited side by side");
        if (!race.WritesFit && (_causes & Cause.Credit) == 0)
            Assert.That(writes, Is.LessThanOrEqualTo(1), "writes that waited side by side");
        Expect(race, writes);
        if ((_causes & (Verdict.CertainEnders(OperationKind.Read) | Cause.Completed)) != 0)
            return;
        foreach (var kind in new[] { OperationKind.Read, OperationKind.Write })
        {
            if (_actions.Any(action => action.Kind == kind))
                Assert.That(CountSucceeded(kind), Is.Positive, $"nothing was in the way of one {kind}");
        }
    }

    /// <summary>What of the stream has to arrive, if the session ends in order.</summary>
    private void Expect(Race race, int writes)
    {
        if ((_causes & Cause.MayLoseWrites) != 0)
            return;
        var racers = Enumerable.Range(0, _actions.Count).ToList();

        // What was turned away at the call has sent nothing. All others were under way when stream or session ended.
        var cutOff = racers.Count(racer => _actions[racer].Kind == OperationKind.Write
            && _operations[racer].Exception?.InnerException is { } failure
            && Verdict.Of(failure) != (Cause.Busy | Cause.Completed));

        // A write that succeeded has said the end with its last frame. Else a disposal or the session's end may have come before the end could be said.
        var wasEnded = (_causes & (Cause.Disposed | Cause.Closed)) != 0;
        var ends = racers.Any(racer => _operations[racer].IsCompletedSuccessfully
            && (_actions[racer].Brings & Cause.Completed) != 0
            && (_actions[racer].Kind == OperationKind.Write || !wasEnded));
        race.Expect(writes, cutOff, ends);
    }

    private int CountSucceeded(OperationKind kind) =>
        Enumerable.Range(0, _actions.Count).Count(racer => _actions[racer].Kind == kind && _operations[racer].IsCompletedSuccessfully);

    /// <summary>Ends a session that a race has left its mark on.</summary>
    private async Task EndAsync(Race race)
    {
        var causes = _causes;
        if ((causes & Cause.SessionEnds) == 0)
        {
            race.Session.Abort();
            causes |= Cause.Aborted;
        }

        var end = await race.Session.Completion.Soon();
        Assert.That(Verdict.Of(end) & causes, Is.Not.EqualTo(Cause.None), $"the session ended for another reason: {end}");
        await race.ForgetUnacceptedAsync();
        await race.VerifySentAsync(isWhole: (causes & (Cause.Aborted | Cause.Lost)) == 0);
        if ((causes & Cause.MayLoseWrites) == 0)
            race.VerifyExpected();
    }
}
