using Muxado.Fast.Buffers;
using Muxado.Fast.Diagnostics;
using Muxado.Fast.Primitives;
using Muxado.Fast.Streams;

namespace Muxado.Fast.Sessions;

/// <content>What the session does for its streams.</content>
internal sealed partial class SessionEngine
{
    public override BlockPool Blocks { get; }

    public override long Now => Timer.Now;

    public override TimeSpan ProbeInterval => TimeSpan.FromSeconds(3);

    public override long BottleneckTicks => _heartbeat.RoundTripTicks is > 0 and var ticks
        ? Math.Max(2 * ticks, Timer.TicksPerSecond / 500)
        : Timer.TicksPerSecond / 5; // Nothing measured yet: as if the peer were far away.

    public override int MaxReceiveWindow => Options.MaxReceiveWindow;

    public override bool MeasuresWaits => SessionMeter.IsBlockedTimeWanted;

    public override void AddWait(StreamWait wait, long ticks) => Counters.AddWait(wait, ticks);

    public override bool TryReserveWindow(int bytes)
    {
        if (Interlocked.Add(ref _reservedWindow, bytes) <= Options.SessionReceiveBudget)
            return true;
        ReleaseWindow(bytes);
        return false;
    }

    public override void ReleaseWindow(int bytes)
    {
        if (bytes != 0)
            Interlocked.Add(ref _reservedWindow, -bytes);
    }

    public override long ToDue(DateTimeOffset deadline) => Timer.After(deadline);

    public override long ToDue(TimeSpan fromNow) => Timer.After(fromNow);

    public override bool TryAppendData(StreamCore stream, ReadOnlySpan<byte> payload, bool fin) => Output.TryAppendData(stream, payload, fin);

    public override void AppendFin(StreamCore stream) => Output.AppendFin(stream);

    public override void AppendReset(uint id, MuxadoErrorCode code) => Output.AppendReset(id, code, isProvoked: !Streams.IsLocal(id));

    public override void LinkWrite(WriteOperation write, int grantedBytes) => Output.LinkWrite(write, grantedBytes);

    public override WriteWithdrawal WithdrawWrite(WriteOperation write, Exception reason, out int refundedBytes) =>
        Output.WithdrawWrite(write, reason, out refundedBytes);

    public override void CompleteAfter(WriteOperation write) => Output.CompleteAfter(write);

    public override bool IsCut(WriteOperation write) => Output.IsCut(write);

    public override int UncutBytes(WriteOperation write) => Output.UncutBytes(write);

    public override void GrantCredit(StreamCore stream, int creditBytes) => Output.GrantCredit(stream, creditBytes);

    public override void DropCredit(StreamCore stream) => Output.DropCredit(stream);

    public override void OweCredit(StreamCore stream)
    {
        _owedCredit.Add(stream);
        Timer.SetIfUnset(SessionAlarm.Linger, CreditLingerDelay);
    }

    public override bool TryForgetOwed(StreamCore stream) => _owedCredit.Remove(stream);

    public override void Flush()
    {
        if (_pump.IsGathering && !Output.IsCorkFull)
            _pump.OnGathered();
        else
            Output.Flush();
    }

    public override void FlushBeforeWait()
    {
        if (Output.HasUnflushedAtAGlance)
            Flush();
    }

    public override void FlushBeforeBlocking()
    {
        _pump.HandOver();
        Output.Flush();
    }

    /// <summary>Flushes also in a drain.</summary>
    public void FlushOutput() => Output.Flush();

    public override void Complete(Completion completion)
    {
        if (completion.WakesBlockedThread)
            completion.Execute();
        else if (_pump.IsCurrent && !IsClosing && Options.Scheduling != MuxadoScheduling.ThreadPool)
            _pump.Add(completion); // Not at the end: there is no timer any more then, to rescue what a blocked continuation holds up.
        else
            Scheduler.Post(completion);
    }

    public override void ArmDeadline(StreamCore stream, int generation, StreamAlarm alarm, long due) =>
        _deadlines.Add(stream, generation, alarm, due);

    public override void ForgetDeadlines(int count) => _deadlines.Forget(count);

    public override void OnWireClosed(StreamCore stream) => Streams.OnWireClosed(stream);

    public override void OnReleased(StreamCore stream) => Streams.Recycle(stream);
}
