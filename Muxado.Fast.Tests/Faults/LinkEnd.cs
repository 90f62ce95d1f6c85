using Muxado.Fast.Transport;

namespace Muxado.Fast.Tests.Faults;

/// <summary>One end of a link, as a session's transport. Operations end at once or later, as chance has it.</summary>
/// <remarks>Owner: a session. Threading: the event loop's thread; a callback is always an event of its own.</remarks>
internal sealed class LinkEnd : ByteTransport
{
    private readonly LinkDirection _outgoing;
    private readonly LinkDirection _incoming;
    private readonly EventLoop _events;
    private readonly Random _chance;
    private Memory<byte>? _receiving;
    private ReadOnlyMemory<byte>? _sending;
    private bool _isProgressDue;
    private bool _isSendShut;
    private bool _isDisposed;

    public LinkEnd(LinkDirection outgoing, LinkDirection incoming, EventLoop events, Random chance)
    {
        (_outgoing, _incoming, _events, _chance) = (outgoing, incoming, events, chance);
        outgoing.OnWritable = ScheduleProgress;
        incoming.OnReadable = ScheduleDelivery;
    }

    public override bool CanSendWithoutCopy => _outgoing.Faults.CanTrySend;

    public override bool Receive(Memory<byte> buffer, out TransportResult result)
    {
        Require(_receiving is null, "A receive was begun beside another.");
        bool isDone = _isDisposed || (_incoming.UntilReadable == TimeSpan.Zero && _chance.Next(2) == 0);
        result = isDone ? EndReceive(buffer) : default;
        if (!isDone)
        {
            _receiving = buffer;
            ScheduleDelivery();
        }

        return isDone;
    }

    public override int TrySend(ReadOnlySpan<byte> bytes)
    {
        RequireSendable();
        return _isDisposed || !CanSendWithoutCopy ? 0 : _outgoing.Put(bytes);
    }

    public override int TrySend(IList<ArraySegment<byte>> segments)
    {
        int sent = 0;
        foreach (var segment in segments)
        {
            int taken = TrySend(segment);
            sent += taken;
            if (taken < segment.Count)
                break;
        }

        return sent;
    }

    public override bool Send(ReadOnlyMemory<byte> bytes, out TransportResult result)
    {
        RequireSendable();
        bool isDone = TryEndSend(ref bytes, out result) && _chance.Next(2) == 0;
        if (!isDone)
        {
            _sending = bytes;
            ScheduleProgress();
        }

        return isDone;
    }

    public override bool ShutdownSend()
    {
        Require(_sending is null, "The sending side was shut with a send under way.");
        _isSendShut = true;
        _outgoing.EndSender();
        return true;
    }

    public override void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _outgoing.EndSender();
        _incoming.EndReceiver();
        ScheduleDelivery();
        ScheduleProgress();
    }

    private void ScheduleDelivery()
    {
        if (_receiving is not null && (_isDisposed ? TimeSpan.Zero : _incoming.UntilReadable) is { } delay)
            _events.After(delay, Deliver);
    }

    private void Deliver()
    {
        // There may be several of these for one receive: each time there was news of it.
        if (_receiving is not { } buffer || !(_isDisposed || _incoming.UntilReadable == TimeSpan.Zero))
            return;
        _receiving = null;
        Callbacks.OnReceived(EndReceive(buffer));
    }

    private TransportResult EndReceive(Memory<byte> buffer) => _isDisposed ? new(0, Gone()) : _incoming.Take(buffer.Span);

    private void ScheduleProgress()
    {
        if (_sending is not { } rest || _isProgressDue || !(_isDisposed || rest.IsEmpty || _outgoing.HasRoom))
            return;
        _isProgressDue = true;
        _events.After(TimeSpan.Zero, Progress);
    }

    private void Progress()
    {
        _isProgressDue = false;
        var rest = _sending!.Value;
        if (!TryEndSend(ref rest, out TransportResult result))
        {
            _sending = rest;
            ScheduleProgress();
            return;
        }

        _sending = null;
        Callbacks.OnSent(result);
    }

    /// <summary>Sends some more. True: that was all of it, or it failed.</summary>
    private bool TryEndSend(ref ReadOnlyMemory<byte> bytes, out TransportResult result)
    {
        result = default;
        if (bytes.IsEmpty)
            return true;
        Exception? failure = _isDisposed ? Gone() : _outgoing.SendFailure();
        result = new TransportResult(0, failure);
        if (failure is null)
            bytes = bytes[_outgoing.Put(bytes.Span)..];
        return failure is not null || bytes.IsEmpty;
    }

    private void RequireSendable()
    {
        Require(_sending is null, "A send was begun beside another.");
        Require(!_isSendShut, "Something was sent after the sending side was shut.");
    }

    private static void Require(bool condition, string broken)
    {
        if (!condition)
            throw new InvalidOperationException(broken);
    }

    private static ObjectDisposedException Gone() => new(nameof(LinkEnd), "The connection was closed on this side.");
}
