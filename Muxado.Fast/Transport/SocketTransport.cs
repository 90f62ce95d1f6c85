using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Muxado.Fast.Transport;

/// <summary>A connected TCP or Unix domain socket, driven by raw <see cref="SocketAsyncEventArgs"/>.</summary>
/// <remarks>
/// Owner: one session; it owns the socket.
/// Threading: as <see cref="ByteTransport"/> says. Callbacks come from the runtime's completion threads.
/// Invariants: the socket is non-blocking for its whole life, so that <see cref="TrySend(ReadOnlySpan{byte})"/> cannot wait.
/// The runtime resets the connection when a socket is closed under a pending receive: call <see cref="ShutdownSend"/> before
/// <see cref="Dispose"/> wherever the peer is to see the last bytes.
/// Reuse: none; its two operations are pooled.
/// </remarks>
internal sealed class SocketTransport : ByteTransport
{
    private readonly Socket _socket;
    private SocketOperationLease _receive;
    private SocketOperationLease _send;
    private BusyPoll? _poll;
    private int _sentBytes;
    private int _disposed;

    public SocketTransport(Socket socket)
    {
        socket.Blocking = false;
        DisableNagle(socket);
        _socket = socket;
        (LocalEndPoint, RemoteEndPoint) = EndPointsOf(socket);
        _receive = new(SocketOperation.Rent(this, isReceive: true));
        _send = new(SocketOperation.Rent(this, isReceive: false));
    }

    public override bool CanSendWithoutCopy => true;

    public override bool CanPoll => true;

    public override EndPoint? LocalEndPoint { get; }

    public override EndPoint? RemoteEndPoint { get; }

    public override long AcknowledgedBytes => AcknowledgedBytesOf(_socket);

    /// <summary>Turns the delay of small segments off where the protocol knows it.</summary>
    public static void DisableNagle(Socket socket)
    {
        if (socket.ProtocolType != ProtocolType.Tcp)
            return;
        try
        {
            socket.NoDelay = true;
        }
        catch (SocketException)
        {
            // The peer has already reset the connection; the first operation reports it.
        }
    }

    /// <summary>Half of the patience in silence, and the other half in five questions.</summary>
    public static void KeepAlive(Socket socket, TimeSpan patience)
    {
        const int Questions = 5;
        const int MostSeconds = short.MaxValue;
        if (socket.ProtocolType != ProtocolType.Tcp)
            return;
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Seconds(patience / 2));
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Seconds(patience / 2 / Questions));
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Questions);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The connection has ended, and its next operation reports it; or the system has no such thing.
        }

        static int Seconds(TimeSpan time) => (int)Math.Clamp(Math.Ceiling(time.TotalSeconds), 1, MostSeconds);
    }

    /// <summary>The addresses of a connected socket, as far as they are still known.</summary>
    public static (EndPoint? Local, EndPoint? Remote) EndPointsOf(Socket socket)
    {
        EndPoint? local = null;
        try
        {
            local = socket.LocalEndPoint;
            return (local, socket.RemoteEndPoint);
        }
        catch (SocketException)
        {
            return (local, null);
        }
    }

    /// <summary>What the peer's system has acknowledged. Only Linux is asked; 0 elsewhere, and for what is not TCP.</summary>
    public static long AcknowledgedBytesOf(Socket socket)
    {
        const int Tcp = 6;
        const int TcpInfo = 11;
        const int OffsetOfBytesAcked = 120; // In struct tcp_info since Linux 4.1; an older one is shorter.
        if (!OperatingSystem.IsLinux() || socket.ProtocolType != ProtocolType.Tcp)
            return 0;
        Span<byte> info = stackalloc byte[OffsetOfBytesAcked + sizeof(long)];
        try
        {
            return socket.GetRawSocketOption(Tcp, TcpInfo, info) == info.Length ? MemoryMarshal.Read<long>(info[OffsetOfBytesAcked..]) : 0;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }

    public override void PollAtNextReceive(BusyPoll poll) => _poll = poll;

    public override bool Receive(Memory<byte> buffer, out TransportResult result)
    {
        _poll?.Wait(_socket);
        _poll = null;
        if (!_receive.TryBegin())
        {
            result = Disposed();
            return true;
        }

        try
        {
            SocketOperation operation = _receive.Operation;
            operation.SetBuffer(buffer);
            if (_socket.ReceiveAsync(operation))
            {
                result = default;
                return false;
            }

            result = ResultOf(operation, operation.BytesTransferred);
        }
        catch (Exception exception)
        {
            result = Failed(exception);
        }

        _receive.End();
        return true;
    }

    public override int TrySend(ReadOnlySpan<byte> bytes)
    {
        try
        {
            int count = _socket.Send(bytes, SocketFlags.None, out SocketError error);
            return error == SocketError.Success ? count : 0;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }

    public override int TrySend(IList<ArraySegment<byte>> segments)
    {
        try
        {
            int count = _socket.Send(segments, SocketFlags.None, out SocketError error);
            return error == SocketError.Success ? count : 0;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }

    public override bool Send(ReadOnlyMemory<byte> bytes, out TransportResult result)
    {
        if (!_send.TryBegin())
        {
            result = Disposed();
            return true;
        }

        _sentBytes = 0;
        // Safety: SocketAsyncEventArgs takes Memory for both directions, and a send only reads it.
        return ContinueSend(MemoryMarshal.AsMemory(bytes), out result);
    }

    public override void KeepAlive(TimeSpan patience) => KeepAlive(_socket, patience);

    public override bool ShutdownSend()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Gone already: there is nobody left to tell.
        }

        return true;
    }

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _socket.Dispose();
        _receive.Retire();
        _send.Retire();
    }

    internal void OnReceiveCompleted()
    {
        TransportResult result = ResultOf(_receive.Operation, _receive.Operation.BytesTransferred);
        _receive.End();
        Callbacks.OnReceived(result);
    }

    internal void OnSendCompleted()
    {
        if (FinishSend(out Memory<byte> rest, out TransportResult result) || ContinueSend(rest, out result))
            Callbacks.OnSent(result);
    }

    /// <summary>Sends until all is gone (true), or the system will call back (false). Linux takes all in one call; others need not.</summary>
    private bool ContinueSend(Memory<byte> bytes, out TransportResult result)
    {
        try
        {
            do
            {
                _send.Operation.SetBuffer(bytes);
                if (_socket.SendAsync(_send.Operation))
                {
                    result = default;
                    return false;
                }
            }
            while (!FinishSend(out bytes, out result));
        }
        catch (Exception exception)
        {
            result = Failed(exception);
            _send.End();
        }

        return true;
    }

    /// <summary>Accounts for one completed system call. True: the whole send has ended. False: <paramref name="rest"/> remains.</summary>
    private bool FinishSend(out Memory<byte> rest, out TransportResult result)
    {
        SocketOperation operation = _send.Operation;
        int count = operation.BytesTransferred;
        _sentBytes += count;
        rest = operation.MemoryBuffer[count..];
        result = ResultOf(operation, _sentBytes);
        if (result.Error is null && !rest.IsEmpty)
            return false;
        _send.End();
        return true;
    }

    private TransportResult ResultOf(SocketOperation operation, int bytes) =>
        operation.SocketError == SocketError.Success ? new(bytes) : Failed(new SocketException((int)operation.SocketError));

    private TransportResult Failed(Exception exception) => Volatile.Read(ref _disposed) != 0 ? Disposed() : new(0, exception);

    private static TransportResult Disposed() =>
        new(0, new ObjectDisposedException(nameof(SocketTransport), "The connection was closed on this side."));
}
