namespace Muxado.Fast.Bench.Simulation;

/// <content>Deadlines, and what may be expected of them.</content>
internal abstract partial class SimulatedEnd
{
    private SimulatedDeadline _readDeadline = new();
    private SimulatedDeadline _writeDeadline = new();

    /// <summary>A deadline, past or to come, or none. What counts is the time from now, whatever the wall clock does later.</summary>
    protected void SetDeadline(bool isRead)
    {
        TimeSpan? fromNow = Dice.Between(0, 4) switch
        {
            0 => -TimeSpan.FromSeconds(1),
            1 => null,
            _ => Dice.Time(TimeSpan.FromSeconds(1)),
        };
        SetDeadline(isRead, fromNow);
    }

    protected void SetDeadline(bool isRead, TimeSpan? fromNow)
    {
        if (IsDisposed)
            return;
        Run.Trace.Add(Side, isRead ? "read deadline" : "write deadline", Conversation.Id, fromNow?.Ticks ?? -1);
        DateTimeOffset? deadline = Clock.GetUtcNow() + fromNow;
        if (isRead)
        {
            _readDeadline.Move(Clock.GetTimestamp(), fromNow);
            Stream.ReadDeadline = deadline;
        }
        else
        {
            _writeDeadline.Move(Clock.GetTimestamp(), fromNow);
            Stream.WriteDeadline = deadline;
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
}
