using Muxado.Fast.Bench.Chance;
using Muxado.Fast.Bench.Simulation;
using Muxado.Fast.Transport;

namespace Muxado.Fast.Tests.Sessions;

/// <summary>
/// One end of a link in virtual time. A receive takes its time and passes a bounded number of bytes, so a sender at the other end
/// has more to send than the link takes, whatever the machine is doing meanwhile.
/// </summary>
/// <remarks>Owner: a session. Threading: the clock's thread; a callback is always an event of its own.</remarks>
internal sealed class ThrottledTransport : ByteTransport
{
    private readonly VirtualClock _clock;
    private readonly VirtualPipe _outgoing;
    private readonly VirtualPipe _incoming;
    private readonly int _bytesPerReceive;
    private Memory<byte>? _receiving;
    private ReadOnlyMemory<byte>? _sending;
    private bool _isDeliveryDue;
    private bool _isProgressDue;

    private ThrottledTransport(VirtualClock clock, VirtualPipe outgoing, VirtualPipe incoming, int bytesPerReceive)
    {
        (_clock, _outgoing, _incoming, _bytesPerReceive) = (clock, outgoing, incoming, bytesPerReceive);
        _outgoing.OnWritable = ScheduleProgress;
        _incoming.OnReadable = ScheduleDelivery;
    }

    public override bool CanSendWithoutCopy => true;

    /// <summary>Two ends: what the client sends is throttled, and the link itself holds as much as one receive takes.</summary>
    public static (ThrottledTransport Client, ThrottledTransport Server) CreatePair(VirtualClock clock, Dice dice, int bytesPerReceive)
    {
        var toServer = new VirtualPipe(new LinkPlan { CapacityBytes = bytesPerReceive }, dice);
        var toClient = new VirtualPipe(new LinkPlan { CapacityBytes = 64 * 1024 }, dice);
        return (new(clock, toServer, toClient, int.MaxValue), new(clock, toClient, toServer, bytesPerReceive));
    }

    public override bool Receive(Memory<byte> buffer, out TransportResult result)
    {
        result = default;
        _receiving = buffer[..Math.Min(buffer.Length, _bytesPerReceive)];
        ScheduleDelivery();
        return false;
    }

    public override int TrySend(ReadOnlySpan<byte> bytes) => _outgoing.Put(bytes);

    public override int TrySend(IList<ArraySegment<byte>> segments)
    {
        int sent = 0;
        for (int i = 0; i < segments.Count; i++)
        {
            int accepted = _outgoing.Put(segments[i]);
            sent += accepted;
            if (accepted < segments[i].Count)
                break;
        }

        return sent;
    }

    public override bool Send(ReadOnlyMemory<byte> bytes, out TransportResult result)
    {
        int sent = _outgoing.Put(bytes.Span);
        result = new TransportResult(sent);
        if (sent == bytes.Length)
            return true;
        _sending = bytes[sent..];
        ScheduleProgress();
        return false;
    }

    public override bool ShutdownSend()
    {
        _outgoing.EndSender();
        return true;
    }

    public override void Dispose()
    {
        _outgoing.EndSender();
        _incoming.EndReceiver();
    }

    private void ScheduleDelivery()
    {
        if (_isDeliveryDue || _receiving is null || !_incoming.IsReadable)
            return;
        _isDeliveryDue = true;
        _clock.After(TimeSpan.FromMilliseconds(1), Deliver);
    }

    private void Deliver()
    {
        _isDeliveryDue = false;
        Memory<byte> buffer = _receiving!.Value;
        _receiving = null;
        Callbacks.OnReceived(new TransportResult(_incoming.Take(buffer.Span, _clock.GetTimestamp(), out Exception? error), error));
    }

    private void ScheduleProgress()
    {
        if (_isProgressDue || _sending is null || !_outgoing.HasRoom)
            return;
        _isProgressDue = true;
        _clock.After(TimeSpan.Zero, Progress);
    }

    private void Progress()
    {
        _isProgressDue = false;
        ReadOnlyMemory<byte> rest = _sending!.Value;
        rest = rest[_outgoing.Put(rest.Span)..];
        _sending = rest;
        if (!rest.IsEmpty)
        {
            ScheduleProgress();
            return;
        }

        _sending = null;
        Callbacks.OnSent(new TransportResult(0));
    }
}
