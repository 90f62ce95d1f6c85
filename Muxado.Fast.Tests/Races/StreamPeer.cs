using System.Net.Sockets;
using Muxado.Fast.Tests.Support;

namespace Muxado.Fast.Tests.Races;

/// <summary>The test's end of a connection through memory or over TCP, which reads what the session sends and ends when the session does.</summary>
internal sealed class StreamPeer : IRacePeer
{
    private readonly Lock _gate = new();
    private readonly Stream _stream;
    private readonly Socket? _socket;
    private readonly Task _reading;

    private StreamPeer(Stream stream, Socket? socket)
    {
        _stream = stream;
        _socket = socket;
        _reading = Task.Run(ReadAsync);
    }

    public SentFrames Sent { get; } = new();

    public static async Task<(MuxadoSession Session, StreamPeer Peer)> ConnectAsync(TransportKind kind, bool isClient, MuxadoSessionOptions options)
    {
        if (kind == TransportKind.Memory)
        {
            var (own, other) = MemoryDuplex.CreatePair();
            return (isClient ? MuxadoSession.CreateClient(own, options) : MuxadoSession.CreateServer(own, options), new StreamPeer(other, null));
        }

        var (ownSocket, otherSocket) = await SessionPair.ConnectSocketsAsync(kind);
        otherSocket.NoDelay = true;
        return (
            isClient ? MuxadoSession.CreateClient(ownSocket, options) : MuxadoSession.CreateServer(ownSocket, options),
            new StreamPeer(new NetworkStream(otherSocket, ownsSocket: true), otherSocket));
    }

    public void Send(WireFrame frame)
    {
        try
        {
            lock (_gate)
                _stream.Write(frame.Bytes.Span);
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException)
        {
            // The session has gone: the stream is disposed, or, as it says meanwhile, cannot be written to.
        }
    }

    public void End()
    {
        try
        {
            if (_socket is null)
                _stream.Dispose();
            else
                _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // The session has gone.
        }
    }

    public void Cut()
    {
        if (_socket is null)
        {
            ((MemoryDuplex)_stream).Break();
            return;
        }

        try
        {
            _socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // The session has gone.
        }

        _socket.Dispose();
    }

    public Task DrainAsync() => _reading.Soon("reading what the session sent");

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await _stream.ReadAsync(buffer) is > 0 and var count)
                Sent.Add(buffer.AsSpan(0, count));
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // Cut, by either side.
        }

        End();
        _stream.Dispose();
    }
}
