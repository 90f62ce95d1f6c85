namespace Muxado.Fast.Bench.Simulation;

/// <summary>A stream that is read and written at once, and in an unfair run may be torn down.</summary>
internal sealed partial class SimulatedStream : SimulatedEnd
{
    private readonly List<byte[]> _untouchable = [];
    private bool _writesCompleted;

    public SimulatedStream(SimulationRun run, Side side, MuxadoStream stream, Conversation conversation, bool writesCompleted)
        : base(run, side, stream, conversation)
    {
        _writesCompleted = writesCompleted;
        Writes.IsEnded = writesCompleted;
    }

    public override async Task UseAsync()
    {
        await Task.WhenAll(ReadAsync(), WriteAsync(), DisturbAsync());
        if (Plan.IsFair || Dice.Chance(0.9))
            Dispose();
        foreach (byte[] buffer in _untouchable)
            Run.Require(!buffer.AsSpan().ContainsAnyExcept(Untouched), Side, "a read that had ended wrote into its buffer", Conversation.Id);
        Run.OnEndDone(Conversation);
    }

    private async Task DisturbAsync()
    {
        while (!IsDisposed && Dice.Chance(0.4))
        {
            await Clock.Delay(Dice.Time(TimeSpan.FromSeconds(2)));
            if (IsDisposed)
                break;
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

    private void Dispose()
    {
        Run.Trace.Add(Side, "dispose", Conversation.Id);
        IsDisposed = true;
        Writes.IsEnded = true;
        Writes.EndsByDisposal = !_writesCompleted;
        bool isCutOff = IsWriting || (Writes.CalledOffInARow > 0 && !_writesCompleted);
        if (!Reads.IsReadToEnd || isCutOff)
            Conversation.Tear(); // What it leaves unread, or half written, makes it a reset.
        Stream.Dispose();
        EndNow("though the stream was disposed");
    }

    private void CompleteWrites()
    {
        Run.Trace.Add(Side, "complete writes", Conversation.Id);
        _writesCompleted = true;
        Writes.IsEnded = true;
        Stream.CompleteWrites();
    }
}
