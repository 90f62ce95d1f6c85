using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Muxado.Fast.Transport;

/// <summary>Any duplex <see cref="Stream"/> as a transport: TLS, pipes, standard input and output.</summary>
/// <remarks>
/// Owner: one session; it owns the stream.
/// Threading: as <see cref="ByteTransport"/> says. Callbacks come from wherever the stream completes its tasks.
/// Invariants: an awaiter field is in use from a false return until its callback. A stream that heeds neither disposal nor
/// cancellation keeps its operation pending: the buffer is still its own, so nothing safer can be done.
/// Reuse: none; one delegate per direction serves all operations.
/// </remarks>
[SuppressMessage("Reliability", "CA2012", Justification = "Each operation's awaiter is kept in a field and consumed once, by its end.")]
internal sealed class StreamTransport : ByteTransport, IThreadPoolWorkItem
{
    private readonly Stream _stream;
    private readonly Socket? _socket;
    private readonly CancellationTokenSource _disposing = new();
    private readonly Action _onRead;
    private readonly Action _onWritten;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _read;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _written;
    private int _sendBytes;
    private bool _flushing;
    private int _disposed;

    /// <param name="stream">The duplex stream.</param>
    /// <param name="socket">The socket beneath, where it is known and the stream does not tell.</param>
    public StreamTransport(Stream stream, Socket? socket = null)
    {
        _stream = stream;
        _socket = socket ?? (stream as NetworkStream)?.Socket;
        if (_socket is not null)
            (LocalEndPoint, RemoteEndPoint) = SocketTransport.EndPointsOf(_socket);
        _onRead = OnRead;
        _onWritten = OnWritten;
    }

    public override bool CanSendWithoutCopy => false;

    public override EndPoint? LocalEndPoint { get; }

    public override EndPoint? RemoteEndPoint { get; }

    public override bool Receive(Memory<byte> buffer, out TransportResult result)
    {
        try
        {
            _read = _stream.ReadAsync(buffer, _disposing.Token).ConfigureAwait(false).GetAwaiter();
            if (_read.IsCompleted)
            {
                result = new(_read.GetResult());
                return true;
            }
        }
        catch (Exception exception)
        {
            result = Failed(exception);
            return true;
        }

        result = default;
        _read.UnsafeOnCompleted(_onRead);
        return false;
    }

    public override int TrySend(ReadOnlySpan<byte> bytes) => 0;

    public override int TrySend(IList<ArraySegment<byte>> segments) => 0;

    public override bool Send(ReadOnlyMemory<byte> bytes, out TransportResult result)
    {
        _sendBytes = bytes.Length;
        _flushing = false;
        try
        {
            _written = _stream.WriteAsync(bytes, _disposing.Token).ConfigureAwait(false).GetAwaiter();
        }
        catch (Exception exception)
        {
            result = Failed(exception);
            return true;
        }

        return ContinueSend(out result);
    }

    public override bool ShutdownSend()
    {
        bool canShut = _stream is SslStream || _socket is not null;
        if (canShut)
            _ = ShutdownSendAsync();
        return canShut;
    }

    public override void Dispose()
    {
        // The stream's disposal runs foreign code, and so may the completions that it causes; the caller may hold a lock.
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        try
        {
            // Not every stream ends its pending operations when it is disposed; most of the others heed the token.
            _disposing.Cancel();
        }
        catch (Exception)
        {
            // A registered callback of the stream failed; its disposal follows all the same.
        }

        try
        {
            _stream.Dispose();
        }
        catch (Exception)
        {
            // Disposing says that nobody wants the stream any more, its errors included.
        }
    }

    private async Task ShutdownSendAsync()
    {
        try
        {
            if (_stream is SslStream tls)
                await tls.ShutdownAsync().ConfigureAwait(false);
            _socket?.Shutdown(SocketShutdown.Send);
        }
        catch (Exception)
        {
            // Gone already, or going: there is nobody left to tell.
        }
    }

    private void OnRead()
    {
        TransportResult result;
        try
        {
            result = new(_read.GetResult());
        }
        catch (Exception exception)
        {
            result = Failed(exception);
        }

        Callbacks.OnReceived(result);
    }

    private void OnWritten()
    {
        if (ContinueSend(out TransportResult result))
            Callbacks.OnSent(result);
    }

    /// <summary>Takes a send through its write and its flush. True: ended. False: <see cref="_onWritten"/> will run.</summary>
    private bool ContinueSend(out TransportResult result)
    {
        try
        {
            while (_written.IsCompleted)
            {
                _written.GetResult();
                if (_flushing)
                {
                    result = new(_sendBytes);
                    return true;
                }

                _flushing = true;
                _written = new ValueTask(_stream.FlushAsync(_disposing.Token)).ConfigureAwait(false).GetAwaiter();
            }
        }
        catch (Exception exception)
        {
            result = Failed(exception);
            return true;
        }

        result = default;
        _written.UnsafeOnCompleted(_onWritten);
        return false;
    }

    private TransportResult Failed(Exception exception) => Volatile.Read(ref _disposed) == 0
        ? new(0, exception)
        : new(0, new ObjectDisposedException("The connection was closed on this side.", exception));
}
