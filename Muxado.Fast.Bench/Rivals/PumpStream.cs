using System.Net.Sockets;
using Muxado.Fast.Transport;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>
/// The engine's own transport as a plain stream: received into the caller's memory, sent from it, continued on the spot. Where it polls
/// it does so as a session does in a conversation.
/// </summary>
internal sealed class PumpStream : DuplexStream, ITransportCallbacks
{
    private readonly BusyPoll _poll;
    private readonly SocketTransport _transport;
    private readonly PumpOperation _receive = new();
    private readonly PumpOperation _send = new();

    public PumpStream(Socket socket, bool polls)
    {
        _transport = new SocketTransport(socket) { Callbacks = this };
        _poll = new BusyPoll(polls ? new MuxadoSessionOptions().BusyPoll : TimeSpan.Zero);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _receive.Begin();
        if (_poll.IsWorthwhile())
            _transport.PollAtNextReceive(_poll);
        if (!_transport.Receive(buffer, out var result))
            return new(_receive, _receive.Version);
        return result.Error is null ? new(result.Bytes) : ValueTask.FromException<int>(result.Error);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _send.Begin();
        if (!_transport.Send(buffer, out var result))
            return new(_send, _send.Version);
        return result.Error is null ? default : ValueTask.FromException(result.Error);
    }

    public void OnReceived(in TransportResult result) => _receive.End(result);

    public void OnSent(in TransportResult result) => _send.End(result);

    protected override void Dispose(bool disposing)
    {
        _transport.ShutdownSend();
        _transport.Dispose();
        base.Dispose(disposing);
    }
}
