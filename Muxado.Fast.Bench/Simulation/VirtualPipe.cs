using System.Buffers;
using Muxado.Fast.Bench.Chance;

namespace Muxado.Fast.Bench.Simulation;

/// <summary>One direction of a virtual link: the bytes under way, and the end or the fault behind them.</summary>
/// <remarks>
/// Owner: the link's two transports, one of which puts bytes in and the other takes them out.
/// Invariants: bytes come out as they went in, as many at a time as chance has it, up to the fault.
/// </remarks>
internal sealed class VirtualPipe(LinkPlan plan, Dice dice)
{
    /// <summary>A slow link hands bytes over that often, lest one waits long for those before it.</summary>
    private const int SlicesPerSecond = 16;

    private readonly byte[] _bytes = ArrayPool<byte>.Shared.Rent(plan.CapacityBytes);
    private int _first;
    private int _count;
    private long _put;
    private long _taken;
    private long _busyUntil;
    private bool _senderEnded;
    private bool _receiverGone;

    /// <summary>Told when there is something to take, and when there is room again.</summary>
    public Action OnReadable { get; set; } = static () => { };

    public Action OnWritable { get; set; } = static () => { };

    public LinkPlan Plan => plan;

    /// <summary>Bytes, an end or an error: a receive has something to report.</summary>
    public bool IsReadable => plan.Fault == LinkFault.BlackHole && IsAtFault ? false : _count > 0 || _senderEnded || IsAtFault;

    /// <summary>Whether a send fails: there is nobody to send to.</summary>
    public bool IsBroken => _receiverGone || IsSendBroken || (IsAtFault && plan.Fault is LinkFault.Error or LinkFault.End);

    public bool HasRoom => IsBroken || _count < plan.CapacityBytes;

    private bool IsSendBroken => plan.Fault == LinkFault.SendError && _put >= plan.FaultAtByte;

    private bool IsAtFault => plan.Fault != LinkFault.SendError && _taken >= plan.FaultAtByte;

    /// <summary>Takes as many of the bytes as fit and chance allows; returns how many.</summary>
    public int Put(ReadOnlySpan<byte> bytes)
    {
        if (IsSendBroken)
            return 0;
        if (IsBroken)
            return bytes.Length; // As on a real link: the sender learns later that nobody took them.
        long room = plan.CapacityBytes - _count;
        if (plan.Fault == LinkFault.SendError)
            room = Math.Min(room, plan.FaultAtByte - _put);
        int accepted = Chunk((int)Math.Min(bytes.Length, room));
        if (accepted == 0)
            return 0;
        int at = (_first + _count) % plan.CapacityBytes;
        int straight = Math.Min(accepted, plan.CapacityBytes - at);
        bytes[..straight].CopyTo(_bytes.AsSpan(at));
        bytes[straight..accepted].CopyTo(_bytes);
        _count += accepted;
        _put += accepted;
        OnReadable();
        return accepted;
    }

    /// <summary>How long the link is still busy with what it handed over last.</summary>
    public TimeSpan BusyFor(long now) => TimeSpan.FromTicks(Math.Max(0, _busyUntil - now));

    /// <summary>Hands over some bytes: 0 at the end, or an error.</summary>
    public int Take(Span<byte> destination, long now, out Exception? error)
    {
        error = IsAtFault && plan.Fault == LinkFault.Error ? new IOException("The simulated link failed.") : null;
        if (IsAtFault)
            return 0;
        int atOnce = plan.BytesPerSecond > 0 ? Math.Min(destination.Length, plan.BytesPerSecond / SlicesPerSecond) : destination.Length;
        int count = Chunk((int)Math.Min(Math.Min(atOnce, _count), plan.FaultAtByte - _taken));
        int straight = Math.Min(count, plan.CapacityBytes - _first);
        _bytes.AsSpan(_first, straight).CopyTo(destination);
        _bytes.AsSpan(0, count - straight).CopyTo(destination[straight..]);
        _first = (_first + count) % plan.CapacityBytes;
        _count -= count;
        _taken += count;
        if (plan.BytesPerSecond > 0)
            _busyUntil = now + (count * TimeSpan.TicksPerSecond / plan.BytesPerSecond);
        if (count > 0)
            OnWritable();
        return count;
    }

    public void EndSender()
    {
        _senderEnded = true;
        OnReadable();
    }

    public void EndReceiver()
    {
        _receiverGone = true;
        OnWritable();
    }

    /// <summary>Gives its memory back: nobody uses it any more.</summary>
    public void Retire() => ArrayPool<byte>.Shared.Return(_bytes);

    private int Chunk(int available)
    {
        if (available <= 1)
            return available;
        if (dice.Chance(plan.TinyChunks))
            return dice.Between(1, Math.Min(8, available));
        return dice.Chance(0.5) ? available : dice.Between(1, available);
    }
}
