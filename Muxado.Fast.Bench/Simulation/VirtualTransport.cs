using Muxado.Fast.Bench.Chance;
using Muxado.Fast.Transport;

namespace Muxado.Fast.Bench.Simulation;

/// <summary>
/// One end of a virtual link. It completes each operation at once or later, whole or in parts, as chance has it, copies sent
/// memory only when the link takes it, and holds its session to the contract of <see cref="ByteTransport"/>.
/// </summary>
/// <remarks>Owner: a session. Threading: the simulation's thread; a callback is always an event of its own.</remarks>
internal sealed class VirtualTransport : ByteTransport
{
    private readonly SimulationRun _simulation;
    private readonly Side _side;
    private readonly VirtualPipe _outgoing;
    private readonly VirtualPipe _incoming;
    private readonly bool _canShutSend;
    private Memory<byte>? _receiving;
    private ReadOnlyMemory<byte>? _sending;
    private bool _isDeliveryDue;
    private bool _isProgressDue;
    private bool _isSendShut;
    private bool _isDisposed;

    public VirtualTransport(SimulationRun simulation, Side side, VirtualPipe outgoing, VirtualPipe incoming)
    {
        _simulation = simulation;
        _side = side;
        _outgoing = outgoing;
        _incoming = incoming;
        _outgoing.OnWritable = ScheduleProgress;
        _incoming.OnReadable = ScheduleDelivery;
        _canShutSend = simulation.Plan.IsFair || Dice.Chance(0.7); // Without it, goodbyes that cross may be lost.
        CanSendWithoutCopy = Dice.Chance(0.6);
    }

    /// <summary>It is never looked at, but the pump then puts receives off as it does where it polls.</summary>
    public override bool CanPoll => true;

    public override bool CanSendWithoutCopy { get; }

    private Dice Dice => _simulation.Dice;

    private long Now => _simulation.Clock.GetTimestamp();

    public override bool Receive(Memory<byte> buffer, out TransportResult result)
    {
        Require(_receiving is null, "a receive was begun beside another");
        result = default;
        if (_incoming.IsReadable && _incoming.BusyFor(Now) == TimeSpan.Zero && !_isDisposed && Dice.Chance(0.3))
        {
            result = Take(buffer);
            return true;
        }

        _receiving = buffer;
        ScheduleDelivery();
        return false;
    }

    public override int TrySend(ReadOnlySpan<byte> bytes)
    {
        RequireSendable();
        return _isDisposed || Dice.Chance(0.2) ? 0 : Put(bytes);
    }

    public override int TrySend(IList<ArraySegment<byte>> segments)
    {
        RequireSendable();
        int sent = 0;
        for (int i = 0; i < segments.Count && !_isDisposed; i++)
        {
            int accepted = Put(segments[i]);
            sent += accepted;
            if (accepted < segments[i].Count)
                break;
        }

        return sent;
    }

    public override bool Send(ReadOnlyMemory<byte> bytes, out TransportResult result)
    {
        RequireSendable();
        result = default;
        if ((_isDisposed || _outgoing.IsBroken) && Dice.Chance(0.5))
        {
            result = new TransportResult(0, Gone());
            return true;
        }

        int sent = _isDisposed ? 0 : Put(bytes.Span);
        if (sent == bytes.Length && !_outgoing.IsBroken && Dice.Chance(0.6))
        {
            result = new TransportResult(sent);
            return true;
        }

        _sending = bytes[sent..];
        ScheduleProgress();
        return false;
    }

    public override bool ShutdownSend()
    {
        Require(_sending is null, "the sending side was shut with a send under way");
        _isSendShut = true;
        _simulation.Trace.Add(_side, "shutdown send");
        if (_canShutSend)
            _outgoing.EndSender();
        return _canShutSend;
    }

    public override void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _simulation.Trace.Add(_side, "transport disposed");
        _outgoing.EndSender();
        _incoming.EndReceiver();
        ScheduleDelivery();
        ScheduleProgress();
    }

    private void ScheduleDelivery()
    {
        if (_isDeliveryDue || _receiving is null || !(_isDisposed || _incoming.IsReadable))
            return;
        _isDeliveryDue = true;
        _simulation.Clock.After(Dice.Time(_incoming.Plan.MaxLatency) + _incoming.BusyFor(Now), Deliver);
    }

    private void Deliver()
    {
        _isDeliveryDue = false;
        TransportResult result = _isDisposed ? new TransportResult(0, Gone()) : Take(_receiving!.Value);
        _receiving = null;
        Callbacks.OnReceived(result);
    }

    private void ScheduleProgress()
    {
        if (_isProgressDue || _sending is null || !(_isDisposed || _outgoing.HasRoom))
            return;
        _isProgressDue = true;
        _simulation.Clock.After(Dice.Time(_outgoing.Plan.MaxLatency), Progress);
    }

    private void Progress()
    {
        _isProgressDue = false;
        if (_isDisposed || _outgoing.IsBroken)
        {
            _sending = null;
            Callbacks.OnSent(new TransportResult(0, Gone()));
            return;
        }

        ReadOnlyMemory<byte> rest = _sending!.Value;
        rest = rest[Put(rest.Span)..];
        _sending = rest;
        if (!rest.IsEmpty)
        {
            ScheduleProgress();
            return;
        }

        _sending = null;
        Callbacks.OnSent(new TransportResult(0));
    }

    private int Put(ReadOnlySpan<byte> bytes)
    {
        int accepted = _outgoing.Put(bytes);
        if (accepted > 0)
        {
            _simulation.Trace.Add(_side, "sent", accepted, bytes.Length);
            _simulation.Ledger.OnSent(_side, bytes[..accepted]);
        }

        return accepted;
    }

    private TransportResult Take(Memory<byte> buffer)
    {
        int count = _incoming.Take(buffer.Span, Now, out Exception? error);
        _simulation.Trace.Add(_side, "received", count, error is null ? 0 : 1);
        _simulation.Ledger.OnDelivered(_side, buffer.Span[..count]);
        return new TransportResult(count, error);
    }

    private void RequireSendable()
    {
        Require(_sending is null, "a send was begun beside another");
        Require(!_isSendShut || _isDisposed, "bytes were sent after the sending side was shut");
    }

    private void Require(bool condition, string broken)
    {
        if (!condition)
            _simulation.Fail($"{_side}'s transport: {broken}");
    }

    private static IOException Gone() => new("The simulated link is gone.");
}
