using System.Diagnostics;
using Muxado.Fast.Buffers;
using Muxado.Fast.Framing;
using Muxado.Fast.Primitives;
using Muxado.Fast.Streams;

namespace Muxado.Fast.Bench.Micro.Streams;

/// <summary>A stream's session that sends nothing and waits for nothing: what is left is the stream's own work.</summary>
/// <remarks>
/// Owner: a benchmark.
/// Threading: the benchmark's one thread.
/// Invariants: every stream's window is taken for its bottleneck, so it grows with each credit as far as <see cref="MaxReceiveWindow"/>.
/// </remarks>
internal sealed class QuietHost(int maxReceiveWindow) : StreamHost
{
    public override BlockPool Blocks { get; } = new();

    public override long Now => Stopwatch.GetTimestamp();

    public override TimeSpan ProbeInterval => TimeSpan.FromSeconds(3);

    public override long BottleneckTicks => long.MaxValue / 4;

    public override int MaxReceiveWindow => maxReceiveWindow;

    /// <summary>How much credit the streams have granted.</summary>
    public long GrantedBytes { get; private set; }

    /// <summary>How often they did, which is how many WND_INC frames there would have been.</summary>
    public int Grants { get; private set; }

    /// <summary>How far beyond its first size the window of the last stream had grown when it ended.</summary>
    public int LastGrowthBytes { get; private set; }

    /// <summary>How many streams have ended and been recycled.</summary>
    public int Recycled { get; private set; }

    public void ForgetGrants()
    {
        GrantedBytes = 0;
        Grants = 0;
    }

    public override bool MeasuresWaits => false;

    public override void AddWait(StreamWait wait, long ticks)
    {
    }

    public override bool TryReserveWindow(int bytes) => true;

    public override void ReleaseWindow(int bytes) => LastGrowthBytes = bytes;

    public override long ToDue(DateTimeOffset deadline) => long.MaxValue;

    public override long ToDue(TimeSpan fromNow) => long.MaxValue;

    public override bool TryAppendData(StreamCore stream, ReadOnlySpan<byte> payload, bool fin) => true;

    public override void AppendFin(StreamCore stream)
    {
    }

    public override void AppendReset(uint id, MuxadoErrorCode code) =>
        throw new InvalidOperationException($"Stream {id} was reset with {code}, which no benchmark means to do.");

    public override void LinkWrite(WriteOperation write, int grantedBytes)
    {
    }

    public override WriteWithdrawal WithdrawWrite(WriteOperation write, Exception reason, out int refundedBytes)
    {
        refundedBytes = 0;
        return WriteWithdrawal.TooLate;
    }

    public override void CompleteAfter(WriteOperation write)
    {
    }

    public override bool IsCut(WriteOperation write) => true;

    public override int UncutBytes(WriteOperation write) => 0;

    public override void GrantCredit(StreamCore stream, int creditBytes)
    {
        Debug.Assert(creditBytes is > 0 and <= Wire.MaxWindowBytes);
        GrantedBytes += creditBytes;
        Grants++;
    }

    public override void OweCredit(StreamCore stream)
    {
    }

    public override bool TryForgetOwed(StreamCore stream) => false;

    public override void DropCredit(StreamCore stream)
    {
    }

    public override void Flush()
    {
    }

    public override void FlushBeforeWait()
    {
    }

    public override void FlushBeforeBlocking()
    {
    }

    public override void Complete(Completion completion) => completion.Execute();

    public override void ArmDeadline(StreamCore stream, int generation, StreamAlarm alarm, long due)
    {
    }

    public override void ForgetDeadlines(int count)
    {
    }

    public override void OnWireClosed(StreamCore stream) => stream.ReleaseReference(this);

    public override void OnReleased(StreamCore stream)
    {
        stream.Recycle();
        Recycled++;
    }
}
