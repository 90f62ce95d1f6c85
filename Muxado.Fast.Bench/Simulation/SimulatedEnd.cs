using Muxado.Fast.Bench.Chance;

namespace Muxado.Fast.Bench.Simulation;

/// <summary>An application's use of its end of one stream: what every way of using it has in common.</summary>
/// <remarks>Owner: a simulated application. Threading: the simulation's.</remarks>
internal abstract partial class SimulatedEnd
{
    private Operation? _reading;
    private Operation? _writing;

    protected SimulatedEnd(SimulationRun run, Side side, MuxadoStream stream, Conversation conversation)
    {
        Run = run;
        Side = side;
        Stream = stream;
        Conversation = conversation;
        Reads = conversation.FlowFrom(side.Other());
        Writes = conversation.FlowFrom(side);
        if (run.Dice.Chance(0.3))
            WatchEnds();
    }

    protected SimulationRun Run { get; }

    protected Side Side { get; }

    protected MuxadoStream Stream { get; }

    protected Conversation Conversation { get; }

    protected Flow Reads { get; }

    protected Flow Writes { get; }

    protected Dice Dice => Run.Dice;

    protected VirtualClock Clock => Run.Clock;

    protected SimulationPlan Plan => Run.Plan;

    protected bool IsDisposed { get; set; }

    protected bool IsWriting => _writing is not null;

    /// <summary>Uses the stream until there is nothing left to do with it.</summary>
    public abstract Task UseAsync();

    protected Operation Begin(string what, bool isRead, int bytes, CancellationToken token)
    {
        Operation operation = Run.Begin(Side, what, Conversation.Id, bytes);
        token.Register(() => operation.MustEndNow("though it was cancelled"));
        if (isRead)
        {
            _reading = operation;
            _readDeadline.BeginOperation();
        }
        else
        {
            _writing = operation;
            _writeDeadline.BeginOperation();
        }

        ExpectDeadline(operation, isRead);
        return operation;
    }

    protected void EndReading() => _reading = null;

    protected void EndWriting() => _writing = null;

    /// <summary>From now on nothing may keep either operation waiting.</summary>
    protected void EndNow(string because)
    {
        _reading?.MustEndNow(because);
        _writing?.MustEndNow(because);
    }

    /// <summary>Notes that the end was read.</summary>
    protected void OnEndRead()
    {
        string? wrong = Reads.ReadEnd();
        Run.Require(wrong is null, Side, wrong, Conversation.Id);
        Run.Require(Run.Ledger.HasDeliveredFin(Side, Conversation.Id), Side, "the end was read, but no FIN has come", Conversation.Id);
    }

    protected void OnRead(ReadOnlySpan<byte> bytes)
    {
        string? wrong = Reads.Read(bytes);
        Run.Require(wrong is null, Side, wrong, Conversation.Id);
    }

    /// <summary>A token that may be cancelled already, will be soon, or never.</summary>
    protected CancellationToken DrawToken(double chance)
    {
        if (!Dice.Chance(chance))
            return CancellationToken.None;
        var source = new CancellationTokenSource();
        if (Dice.Chance(0.1))
            source.Cancel();
        else
            Clock.After(Dice.Time(TimeSpan.FromMilliseconds(200)), source.Cancel);
        return source.Token;
    }

    /// <summary>In an unfair run, ends the session from where an operation has just ended: inside the engine's own call.</summary>
    protected void MayEndSession()
    {
        if (!Plan.IsFair && Dice.Chance(0.002))
            Run.ApplicationOf(Side).EndAnyhow();
    }

    /// <summary>The tasks that say how far the stream is closed have to end with its session at the latest.</summary>
    private void WatchEnds()
    {
        Run.MustEnd(Stream.ReadsClosed, $"{Side}, stream {Conversation.Id}: ReadsClosed");
        Run.MustEnd(Stream.WritesClosed, $"{Side}, stream {Conversation.Id}: WritesClosed");
        Run.MustEnd(Stream.PeerWritesClosed, $"{Side}, stream {Conversation.Id}: PeerWritesClosed");
    }
}
