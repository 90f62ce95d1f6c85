using System.Diagnostics;
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
/// cancellation keeps its operation pending: the buffer is still its own, so nothing safer can be done. TLS says goodbye only
/// between two reads, see <see cref="SayGoodbyeLocked"/>.
/// Reuse: none; one delegate per direction serves all operations.
/// </remarks>
[SuppressMessage("Reliability", "CA2012", Justification = "Each operation's awaiter is kept in a field and consumed once, by its end.")]
internal sealed class StreamTransport : ByteTransport, IThreadPoolWorkItem
{
    private readonly Stream _stream;
    private readonly Socket? _socket;
    private readonly CancellationTokenSource _disposing = new();
    private readonly CancellationTokenSource _interruptingRead;
    private readonly Action _onRead;
    private readonly Action _onWritten;

    // Guards the three fields behind it, which keep TLS's goodbye apart from reads.
    private readonly Lock _gate = new();
    private bool _isReading;
    private bool _goodbyeWanted;
    private bool _goodbyeSaid;
    private Memory<byte> _receiveBuffer;
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
        _interruptingRead = CancellationTokenSource.CreateLinkedTokenSource(_disposing.Token);
        _onRead = OnRead;
        _onWritten = OnWritten;
    }

    public override bool CanSendWithoutCopy => false;

    public override EndPoint? LocalEndPoint { get; }

    public override EndPoint? RemoteEndPoint { get; }

    public override bool Receive(Memory<byte> buffer, out TransportResult result)
    {
        _receiveBuffer = buffer;
        do
        {
            BeginRead();
            if (_read.IsCompleted)
                continue;
            result = default;
            _read.UnsafeOnCompleted(_onRead);
            return false;
        }
        while (!TryEndRead(out result));
        return true;
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
        if (_stream is SslStream)
        {
            lock (_gate)
            {
                _goodbyeWanted = true;
                if (_isReading)
                    _ = _interruptingRead.CancelAsync();
                else
                    SayGoodbyeLocked();
            }

            return true;
        }

        if (_socket is null)
            return false;
        ShutdownSocket();
        return true;
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

    /// <summary>Sends TLS's close_notify. The caller knows that no read is under way.</summary>
    /// <remarks>
    /// Safety: <see cref="SslStream.ShutdownAsync"/> takes no lock of its own, unlike reads and writes, and the state of a TLS
    /// connection in OpenSSL bears no second thread: made beside a read that is decrypting, it is a race in native memory. So a
    /// pending read is cancelled, which loses no byte, and begun again behind the goodbye. No write is under way, by this method's contract.
    /// </remarks>
    private void SayGoodbyeLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread && !_isReading);
        if (_goodbyeSaid)
            return;
        _goodbyeSaid = true;
        _ = SayGoodbyeAsync((SslStream)_stream);
    }

    private async Task SayGoodbyeAsync(SslStream tls)
    {
        try
        {
            await tls.ShutdownAsync().ConfigureAwait(false); // All that touches OpenSSL happens before its first wait.
        }
        catch (Exception)
        {
            // Gone already, or going: there is nobody left to tell.
        }

        ShutdownSocket();
    }

    private void ShutdownSocket()
    {
        try
        {
            _socket?.Shutdown(SocketShutdown.Send);
        }
        catch (Exception)
        {
            // Gone already, or going: there is nobody left to tell.
        }
    }

    private void BeginRead()
    {
        CancellationToken interruption;
        lock (_gate)
        {
            _isReading = true;
            interruption = _goodbyeWanted ? _disposing.Token : _interruptingRead.Token;
        }

        try
        {
            _read = _stream.ReadAsync(_receiveBuffer, interruption).ConfigureAwait(false).GetAwaiter();
        }
        catch (Exception exception)
        {
            _read = ValueTask.FromException<int>(exception).ConfigureAwait(false).GetAwaiter();
        }
    }

    /// <summary>Takes a completed read's result. False: it was interrupted for the goodbye, and is to be begun again.</summary>
    private bool TryEndRead(out TransportResult result)
    {
        Exception? failure = null;
        int count = 0;
        try
        {
            count = _read.GetResult();
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        bool wasInterrupted;
        lock (_gate)
        {
            _isReading = false;
            wasInterrupted = failure is OperationCanceledException && _goodbyeWanted && !_goodbyeSaid && Volatile.Read(ref _disposed) == 0;
            if (_goodbyeWanted)
                SayGoodbyeLocked();
        }

        result = failure is null ? new(count) : Failed(failure);
        return !wasInterrupted;
    }

    private void OnRead()
    {
        if (TryEndRead(out TransportResult result) || Receive(_receiveBuffer, out result))
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
