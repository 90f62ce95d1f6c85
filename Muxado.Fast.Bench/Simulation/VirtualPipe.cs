namespace Muxado.Fast.Bench.Simulation;

/// <summary>One direction of a virtual link: the bytes under way, and the end or the fault behind them.</summary>
/// <remarks>
/// Owner: the link's two transports, one of which puts bytes in and the other takes them out.
/// Invariants: bytes come out as they went in, as many at a time as chance has it, up to the fault.
/// </remarks>
internal sealed class VirtualPipe(LinkPlan plan, Dice dice)
{
    private readonly byte[] _bytes = new byte[plan.CapacityBytes];
    private int _first;
    private int _count;
    private long _taken;
    private bool _senderEnded;
    private bool _receiverGone;

    /// <summary>Told when there is something to take, and when there is room again.</summary>
    public Action OnReadable { get; set; } = static () => { };

    public Action OnWritable { get; set; } = static () => { };

    public LinkPlan Plan => plan;

    /// <summary>Bytes, an end or an error: a receive has something to report.</summary>
    public bool IsReadable => plan.Fault == LinkFault.BlackHole && IsAtFault ? false : _count > 0 || _senderEnded || IsAtFault;

    /// <summary>Whether a send fails: there is nobody to send to.</summary>
    public bool IsBroken => _receiverGone || (IsAtFault && plan.Fault is LinkFault.Error or LinkFault.End);

    public bool HasRoom => IsBroken || _count < _bytes.Length;

    private bool IsAtFault => _taken >= plan.FaultAtByte;

    /// <summary>Takes as many of the bytes as fit and chance allows; returns how many.</summary>
    public int Put(ReadOnlySpan<byte> bytes)
    {
        if (IsBroken)
            return bytes.Length; // As on a real link: the sender learns later that nobody took them.
        int accepted = Chunk(Math.Min(bytes.Length, _bytes.Length - _count));
        if (accepted == 0)
            return 0;
        int at = (_first + _count) % _bytes.Length;
        int straight = Math.Min(accepted, _bytes.Length - at);
        bytes[..straight].CopyTo(_bytes.AsSpan(at));
        bytes[straight..accepted].CopyTo(_bytes);
        _count += accepted;
        OnReadable();
        return accepted;
    }

    /// <summary>Hands over some bytes: 0 at the end, or an error.</summary>
    public int Take(Span<byte> destination, out Exception? error)
    {
        error = IsAtFault && plan.Fault == LinkFault.Error ? new IOException("The simulated link failed.") : null;
        if (IsAtFault)
            return 0;
        int count = Chunk((int)Math.Min(Math.Min(destination.Length, _count), plan.FaultAtByte - _taken));
        int straight = Math.Min(count, _bytes.Length - _first);
        _bytes.AsSpan(_first, straight).CopyTo(destination);
        _bytes.AsSpan(0, count - straight).CopyTo(destination[straight..]);
        _first = (_first + count) % _bytes.Length;
        _count -= count;
        _taken += count;
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

    private int Chunk(int available)
    {
        if (available <= 1)
            return available;
        if (dice.Chance(plan.TinyChunks))
            return dice.Between(1, Math.Min(8, available));
        return dice.Chance(0.5) ? available : dice.Between(1, available);
    }
}
