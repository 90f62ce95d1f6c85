namespace Muxado.Fast.Bench.Simulation;

/// <summary>An application's use of its end of one stream: it reads and writes at once, and in an unfair run it may tear the stream down.</summary>
/// <remarks>Owner: a simulated application. Threading: the simulation's.</remarks>
internal sealed partial class SimulatedStream
{
    private readonly SimulationRun _simulation;
    private readonly Side _side;
    private readonly MuxadoStream _stream;
    private readonly Conversation _conversation;
    private readonly Flow _reads;
    private readonly Flow _writes;
    private readonly List<byte[]> _untouchable = [];
    private Operation? _reading;
    private Operation? _writing;
    private SimulatedDeadline _readDeadline = new();
    private SimulatedDeadline _writeDeadline = new();
    private bool _writesCompleted;
    private bool _isAborted;
    private bool _isDisposed;

    public SimulatedStream(SimulationRun simulation, Side side, MuxadoStream stream, Conversation conversation, bool writesCompleted)
    {
        _simulation = simulation;
        _side = side;
        _stream = stream;
        _conversation = conversation;
        _reads = conversation.FlowFrom(side.Other());
        _writes = conversation.FlowFrom(side);
        _writesCompleted = writesCompleted;
        _writes.IsEnded = writesCompleted;
    }

    private Dice Dice => _simulation.Dice;

    private VirtualClock Clock => _simulation.Clock;

    private SimulationPlan Plan => _simulation.Plan;

    public async Task UseAsync()
    {
        await Task.WhenAll(ReadAsync(), WriteAsync(), DisturbAsync());
        if (Plan.IsFair || Dice.Chance(0.9))
            Dispose();
        foreach (byte[] buffer in _untouchable)
            _simulation.Require(!buffer.AsSpan().ContainsAnyExcept(Untouched), _side, "a read that had ended wrote into its buffer", _conversation.Id);
        _simulation.OnEndDone(_conversation);
    }

    private async Task DisturbAsync()
    {
        while (!_isDisposed && Dice.Chance(0.4))
        {
            await Clock.Delay(Dice.Time(TimeSpan.FromSeconds(2)));
            switch (Dice.Between(Plan.IsFair ? 2 : 0, 5)) // Fair is what harms nobody.
            {
                case 0:
                    Abort();
                    break;
                case 1:
                    Dispose();
                    break;
                case 2:
                    CompleteWrites();
                    break;
                case 3:
                    SetDeadline(isRead: true);
                    break;
                case 4:
                    SetDeadline(isRead: false);
                    break;
                default:
                    Clock.SkewWallClock(TimeSpan.FromSeconds(Dice.Between(-100_000, 100_000)));
                    break;
            }
        }
    }

    private void Abort()
    {
        if (_isDisposed)
            return;
        _simulation.Trace.Add(_side, "abort", _conversation.Id);
        _isAborted = true;
        _conversation.Tear(_side);
        _stream.Abort();
        EndNow("though the stream was aborted");
    }

    private void Dispose()
    {
        _simulation.Trace.Add(_side, "dispose", _conversation.Id);
        _isDisposed = true;
        _writes.IsEnded = true;
        bool isCutOff = _writing is not null || (_writes.CalledOffInARow > 0 && !_writesCompleted);
        if (!_reads.IsReadToEnd || isCutOff)
            _conversation.Tear(_side); // What it leaves unread, or half written, makes it a reset.
        _stream.Dispose();
        EndNow("though the stream was disposed");
    }

    private void EndNow(string because)
    {
        _reading?.MustEndNow(because);
        _writing?.MustEndNow(because);
    }

    private void CompleteWrites()
    {
        if (_isDisposed)
            return;
        _simulation.Trace.Add(_side, "complete writes", _conversation.Id);
        _writesCompleted = true;
        _writes.IsEnded = true;
        _stream.CompleteWrites();
    }

    /// <summary>A deadline, past or to come, or none. What counts is the time from now, whatever the wall clock does later.</summary>
    private void SetDeadline(bool isRead)
    {
        if (_isDisposed)
            return;
        TimeSpan? fromNow = Dice.Between(0, 4) switch
        {
            0 => -TimeSpan.FromSeconds(1),
            1 => null,
            _ => Dice.Time(TimeSpan.FromSeconds(1)),
        };
        SetDeadline(isRead, fromNow);
    }

    private void SetDeadline(bool isRead, TimeSpan? fromNow)
    {
        _simulation.Trace.Add(_side, isRead ? "read deadline" : "write deadline", _conversation.Id, fromNow?.Ticks ?? -1);
        DateTimeOffset? deadline = Clock.GetUtcNow() + fromNow;
        if (isRead)
        {
            _readDeadline.Move(Clock.GetTimestamp(), fromNow);
            _stream.ReadDeadline = deadline;
        }
        else
        {
            _writeDeadline.Move(Clock.GetTimestamp(), fromNow);
            _stream.WriteDeadline = deadline;
        }

        if ((isRead ? _reading : _writing) is { } operation)
            ExpectDeadline(operation, isRead);
    }

    private void ExpectDeadline(Operation operation, bool isRead)
    {
        SimulatedDeadline deadline = isRead ? _readDeadline : _writeDeadline;
        if (deadline.IsSet)
            operation.MustEndAfter(deadline.Left(Clock.GetTimestamp()), "past its deadline", () => deadline.IsSame(isRead ? _readDeadline : _writeDeadline));
    }

    private Operation Begin(string what, bool isRead, int bytes, CancellationToken token)
    {
        Operation operation = _simulation.Begin(_side, what, _conversation.Id, bytes);
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

    /// <summary>A token that may be cancelled already, will be soon, or never.</summary>
    private CancellationToken DrawToken(double chance)
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
}
