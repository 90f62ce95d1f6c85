using System.Runtime.InteropServices;
using Muxado.Fast.Transport;

namespace Muxado.Fast.Tests.Faults;

/// <summary>One direction of a link: keeps all bytes that were ever sent, and hands them over as its faults allow.</summary>
/// <remarks>
/// Threading: the event loop's thread.
/// Invariants: bytes come out as they went in; what is under way is never more than the link holds.
/// </remarks>
internal sealed class LinkDirection(LinkFaults faults, EventLoop events, Random chance)
{
    /// <summary>On a slow link so many bytes arrive together.</summary>
    private const int PacketBytes = 256;

    private readonly List<byte> _bytes = [];
    private readonly Queue<(int End, TimeSpan Due)> _arrivals = new();
    private TimeSpan _lineFree;
    private TimeSpan _lastDue;
    private int _arrived;
    private int _delivered;
    private bool _senderEnded;
    private bool _receiverGone;

    public LinkFaults Faults => faults;

    /// <summary>Told when there may be something to take, and when there may be room.</summary>
    public Action OnReadable { get; set; } = static () => { };

    public Action OnWritable { get; set; } = static () => { };

    /// <summary>What the sender has got rid of.</summary>
    public ReadOnlySpan<byte> Taken => CollectionsMarshal.AsSpan(_bytes);

    /// <summary>What the receiver has got.</summary>
    public ReadOnlySpan<byte> Delivered => Taken[.._delivered];

    /// <summary>Whether the sender was told that a send had failed, as arranged.</summary>
    public bool HasFailedSend { get; private set; }

    public bool HasRoom => _receiverGone || Room > 0 || IsAtSendError;

    /// <summary>How long until a receive has something to report; null while that is not in sight.</summary>
    public TimeSpan? UntilReadable
    {
        get
        {
            if (IsAtCut)
                return faults.Cut is LinkCut.End or LinkCut.ReceiveError || (_senderEnded && faults.Cut == LinkCut.SendError) ? TimeSpan.Zero : null;
            Arrive();
            if (_arrived > _delivered || (_senderEnded && _arrivals.Count == 0))
                return TimeSpan.Zero;
            return _arrivals.TryPeek(out var next) ? next.Due - Now : null;
        }
    }

    private TimeSpan Now => TimeSpan.FromTicks(events.Clock.GetTimestamp());

    private bool IsAtCut => faults.Cut != LinkCut.None && _delivered >= faults.CutAfter;

    private bool IsAtSendError => faults.Cut == LinkCut.SendError && _bytes.Count >= faults.CutAfter;

    private int Room
    {
        get
        {
            // What falls into a hole takes no room.
            bool isHole = faults.Cut is LinkCut.End or LinkCut.ReceiveError or LinkCut.BlackHole;
            int underWay = (isHole ? Math.Min(_bytes.Count, faults.CutAfter) : _bytes.Count) - _delivered;
            int room = faults.CapacityBytes - Math.Max(0, underWay);
            return faults.Cut == LinkCut.SendError ? Math.Min(room, faults.CutAfter - _bytes.Count) : room;
        }
    }

    /// <summary>Takes as many bytes as there is room for, and chance allows.</summary>
    public int Put(ReadOnlySpan<byte> bytes)
    {
        int count = _receiverGone ? 0 : Math.Min(bytes.Length, Room);
        if (count > 1 && faults.MaxTakenBytes < int.MaxValue)
            count = chance.Next(1, Math.Min(count, faults.MaxTakenBytes) + 1);
        if (count <= 0)
            return 0;
        Send(bytes[..count]);
        OnReadable();
        return count;
    }

    /// <summary>Why nothing can be sent, or null.</summary>
    public Exception? SendFailure()
    {
        if (_receiverGone)
            return new IOException("The receiver is gone.");
        HasFailedSend |= IsAtSendError;
        return IsAtSendError ? new IOException("The send failed, as arranged.") : null;
    }

    /// <summary>Hands over what has arrived, the end (0 bytes), or an error.</summary>
    public TransportResult Take(Span<byte> buffer)
    {
        if (IsAtCut)
            return faults.Cut == LinkCut.ReceiveError ? new(0, new IOException("The receive failed, as arranged.")) : new(0);
        Arrive();
        int count = Math.Min(Math.Min(buffer.Length, faults.MaxReceivedBytes), _arrived - _delivered);
        if (faults.Cut != LinkCut.None)
            count = Math.Min(count, faults.CutAfter - _delivered);
        Taken.Slice(_delivered, count).CopyTo(buffer);
        _delivered += count;
        if (count > 0)
            OnWritable();
        return new(count);
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

    private void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int packet = faults.BytesPerSecond == 0 ? bytes.Length : Math.Min(bytes.Length, PacketBytes);
            _bytes.AddRange(bytes[..packet]);
            bytes = bytes[packet..];
            if (faults.BytesPerSecond > 0)
                _lineFree = (_lineFree > Now ? _lineFree : Now) + TimeSpan.FromSeconds((double)packet / faults.BytesPerSecond);
            TimeSpan due = (_lineFree > Now ? _lineFree : Now) + (faults.MaxDelay * chance.NextDouble());
            _lastDue = due > _lastDue ? due : _lastDue;
            _arrivals.Enqueue((_bytes.Count, _lastDue));
        }
    }

    private void Arrive()
    {
        while (_arrivals.TryPeek(out var next) && next.Due <= Now)
            _arrived = _arrivals.Dequeue().End;
    }
}
