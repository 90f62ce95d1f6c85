using Muxado.Fast.Buffers;
using Muxado.Fast.Framing;
using Muxado.Fast.Primitives;
using Muxado.Fast.Streams;

namespace Muxado.Fast.Tests.Streams.Model;

/// <summary>The session of one stream, in one thread: it notes what is sent, and takes as much of a large write as it is told to.</summary>
internal sealed class ModelHost : StreamHost
{
    public const long ProbeTicks = 30_000_000;

    private readonly List<(StreamAlarm Alarm, int Generation, long Due)> _alarms = [];
    private readonly Queue<Completion> _late = [];
    private WriteOperation? _linked;
    private WriteOperation? _pinned;
    private StreamCore? _credited;
    private StreamCore? _owing;
    private long _reserved;

    public List<string> Sent { get; } = [];

    /// <summary>How many wake-ups were arranged and have not come.</summary>
    public int Armed => _alarms.Count;

    /// <summary>How many of those nobody awaits any more, by what the stream has said.</summary>
    public int Forgotten { get; private set; }

    /// <summary>Small writes have to wait their turn too.</summary>
    public bool IsBatchFull { get; set; }

    /// <summary>What waits is not sent.</summary>
    public bool IsStalled { get; set; }

    /// <summary>Whoever is to be woken is, once <see cref="RunLate"/> is called.</summary>
    public bool IsLate { get; init; }

    public long Budget { get; init; } = long.MaxValue;

    public int WireClosed { get; private set; }

    public int Released { get; private set; }

    public long Reserved => _reserved;

    public long Time { get; private set; } = 1_000_000;

    public override BlockPool Blocks { get; } = new();

    public override long Now => Time;

    public override TimeSpan ProbeInterval => TimeSpan.FromTicks(ProbeTicks);

    public override long BottleneckTicks => IsBottleneck ? long.MaxValue / 4 : 0;

    public bool IsBottleneck { get; init; }

    public override int MaxReceiveWindow => 4 * Wire.InitialWindowBytes;

    public override bool MeasuresWaits => false;

    public override void AddWait(StreamWait wait, long ticks)
    {
    }

    public override bool TryReserveWindow(int bytes)
    {
        if (_reserved + bytes > Budget)
            return false;
        _reserved += bytes;
        return true;
    }

    public override void ReleaseWindow(int bytes) => _reserved -= bytes;

    public override long ToDue(DateTimeOffset deadline) => deadline.Ticks;

    public override long ToDue(TimeSpan fromNow) => Time + fromNow.Ticks;

    public override bool TryAppendData(StreamCore stream, ReadOnlySpan<byte> payload, bool fin)
    {
        if (!IsBatchFull)
            Sent.Add(StreamModel.Data(payload.Length, fin));
        return !IsBatchFull;
    }

    public override void AppendFin(StreamCore stream) => Sent.Add(StreamModel.Data(0, fin: true));

    public override void AppendReset(uint id, MuxadoErrorCode code) => Sent.Add(StreamModel.Reset(code));

    public override void LinkWrite(WriteOperation write, int grantedBytes)
    {
        write.GrantedBytes += grantedBytes;
        write.RingNext = write;
        _linked = write;
    }

    public override WriteWithdrawal WithdrawWrite(WriteOperation write, Exception reason, out int refundedBytes)
    {
        refundedBytes = 0;
        if (write.IsCut || write.DeferredError is not null)
            return WriteWithdrawal.TooLate;
        refundedBytes = write.GrantedBytes;
        write.GrantedBytes = 0;
        Unlink(write);
        if (!write.IsPinned)
            return WriteWithdrawal.Withdrawn;
        write.DeferredError = reason;
        return WriteWithdrawal.Deferred;
    }

    public override void CompleteAfter(WriteOperation write) => write.CompletesWrites |= !write.IsCut;

    public override bool IsCut(WriteOperation write) => write.IsCut;

    public override int UncutBytes(WriteOperation write) => write.LengthBytes - write.CutBytes;

    public override void GrantCredit(StreamCore stream, int creditBytes)
    {
        stream.CreditBytes += (uint)creditBytes;
        if (stream.IsCreditLinked)
            return;
        stream.IsCreditLinked = true;
        stream.AddReference();
        _credited = stream;
    }

    public override void DropCredit(StreamCore stream) => stream.CreditBytes = 0;

    public override void OweCredit(StreamCore stream)
    {
        if (stream.IsOwedLinked)
            return;
        stream.IsOwedLinked = true;
        stream.AddReference();
        _owing = stream;
    }

    public override bool TryForgetOwed(StreamCore stream)
    {
        bool wasOwed = _owing is not null;
        _owing = null;
        stream.IsOwedLinked = false;
        return wasOwed;
    }

    public void ReturnOwed()
    {
        if (_owing is not { } stream)
            return;
        TryForgetOwed(stream);
        stream.ReturnOwedCredit(this);
        stream.ReleaseReference(this);
    }

    /// <summary>One frame is with the system, which has not sent it yet.</summary>
    public void Pin()
    {
        if (_linked is not { } write || write.IsPinned)
            return;
        write.IsPinned = true;
        _pinned = write;
        Cut(write);
    }

    public void Unpin()
    {
        if (_pinned is not { } write)
            return;
        _pinned = null;
        write.IsPinned = false;
        if (write.IsCut || write.DeferredError is not null)
            End(write);
    }

    public override void Flush()
    {
        if (_credited is { } stream)
        {
            _credited = null;
            if (stream.CreditBytes > 0)
                Sent.Add(StreamModel.Credit(stream.CreditBytes));
            stream.CreditBytes = 0;
            stream.IsCreditLinked = false;
            stream.ReleaseReference(this);
        }

        while (!IsStalled && _pinned is null && _linked is { } write)
        {
            Cut(write);
            if (write.IsCut)
                End(write);
        }
    }

    public override void FlushBeforeWait() => Flush();

    public override void FlushBeforeBlocking() => Flush();

    public override void Complete(Completion completion)
    {
        if (IsLate)
            _late.Enqueue(completion);
        else
            completion.Execute();
    }

    /// <summary>Wakes those who were to be woken.</summary>
    public void RunLate()
    {
        while (_late.TryDequeue(out Completion? completion))
            completion.Execute();
    }

    public override void ArmDeadline(StreamCore stream, int generation, StreamAlarm alarm, long due) => _alarms.Add((alarm, generation, due));

    public override void ForgetDeadlines(int count) => Forgotten += count;

    public override void OnWireClosed(StreamCore stream)
    {
        WireClosed++;
        stream.ReleaseReference(this);
    }

    public override void OnReleased(StreamCore stream)
    {
        Released++;
        stream.Recycle();
    }

    /// <summary>Raises every alarm at its time.</summary>
    public void Advance(StreamCore stream, long ticks)
    {
        long end = Time + ticks;
        while (_alarms.Count > 0 && _alarms.MinBy(alarm => alarm.Due) is var next && next.Due <= end)
        {
            _alarms.Remove(next);
            Time = Math.Max(Time, next.Due);
            stream.OnAlarm(this, next.Generation, next.Alarm, next.Due);
        }

        Time = end;
    }

    private void Cut(WriteOperation write)
    {
        int bytes = Math.Min(write.GrantedBytes, Wire.MaxPayloadBytes);
        write.OnCut(bytes);
        Sent.Add(StreamModel.Data(bytes, write.CompletesWrites && write.IsCut));
        if (write.GrantedBytes == 0)
            Unlink(write);
    }

    private void Unlink(WriteOperation write)
    {
        write.RingNext = null;
        _linked = null;
    }

    private static void End(WriteOperation write)
    {
        if (write.End(write.DeferredError))
            write.Execute();
    }
}
