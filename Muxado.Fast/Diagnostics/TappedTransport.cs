using System.Net;
using Muxado.Fast.Transport;

namespace Muxado.Fast.Diagnostics;

/// <summary>A transport whose bytes are also cut into frames for taps. A session without a tap has none of this in its way.</summary>
/// <remarks>
/// Owner: one session, as of any transport; it owns the transport beneath.
/// Threading: as <see cref="ByteTransport"/> says. Taps are called by whoever sends or receives, with no lock held.
/// Invariants: each byte is passed on once, in order. Bytes are passed on before they are offered to the transport beneath, so that
/// a frame is told before its answer; what it did not take is offered again, and <see cref="_aheadBytes"/> tells how much of that is told already.
/// </remarks>
internal sealed class TappedTransport : ByteTransport, ITransportCallbacks
{
    private readonly ByteTransport _inner;
    private readonly TappedDirection _sent;
    private readonly TappedDirection _received;
    private Memory<byte> _receiveBuffer;

    // The sender's: bytes that were passed on, and that the transport has not taken yet.
    private int _aheadBytes;

    public TappedTransport(ByteTransport inner, TappedDirection sent, TappedDirection received)
    {
        _inner = inner;
        _sent = sent;
        _received = received;
        inner.Callbacks = this;
    }

    public override bool CanSendWithoutCopy => _inner.CanSendWithoutCopy;

    public override bool CanPoll => _inner.CanPoll;

    public override EndPoint? LocalEndPoint => _inner.LocalEndPoint;

    public override EndPoint? RemoteEndPoint => _inner.RemoteEndPoint;

    public override long AcknowledgedBytes => _inner.AcknowledgedBytes;

    public override void PollAtNextReceive(BusyPoll poll) => _inner.PollAtNextReceive(poll);

    public override bool Receive(Memory<byte> buffer, out TransportResult result)
    {
        _receiveBuffer = buffer;
        if (!_inner.Receive(buffer, out result))
            return false;
        PassReceived(result);
        return true;
    }

    public override int TrySend(ReadOnlySpan<byte> bytes)
    {
        int told = Math.Min(_aheadBytes, bytes.Length);
        _sent.Pass(bytes[told..]);
        return Take(bytes.Length, _inner.TrySend(bytes));
    }

    public override int TrySend(IList<ArraySegment<byte>> segments)
    {
        int offered = 0;
        for (int i = 0; i < segments.Count; i++)
        {
            ReadOnlySpan<byte> segment = segments[i];
            int told = Math.Clamp(_aheadBytes - offered, 0, segment.Length);
            _sent.Pass(segment[told..]);
            offered += segment.Length;
        }

        return Take(offered, _inner.TrySend(segments));
    }

    public override bool Send(ReadOnlyMemory<byte> bytes, out TransportResult result)
    {
        int told = Math.Min(_aheadBytes, bytes.Length);
        _sent.Pass(bytes.Span[told..]);
        Take(bytes.Length, bytes.Length); // It will take all, or fail for good.
        return _inner.Send(bytes, out result);
    }

    public override void KeepAlive(TimeSpan patience) => _inner.KeepAlive(patience);

    public override bool ShutdownSend() => _inner.ShutdownSend();

    public override void Dispose() => _inner.Dispose();

    void ITransportCallbacks.OnReceived(in TransportResult result)
    {
        PassReceived(result);
        Callbacks.OnReceived(result);
    }

    void ITransportCallbacks.OnSent(in TransportResult result) => Callbacks.OnSent(result);

    private int Take(int offered, int taken)
    {
        _aheadBytes = Math.Max(_aheadBytes, offered) - taken;
        return taken;
    }

    private void PassReceived(in TransportResult result)
    {
        if (result.Error is null)
            _received.Pass(_receiveBuffer.Span[..result.Bytes]);
    }
}
