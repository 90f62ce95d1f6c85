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
/// between two reads, see <see cref="TlsTurn"/>.
/// Reuse: none; one delegate per direction serves all operations.
/// </remarks>
[SuppressMessage("Reliability", "CA2012", Justification = "Each operation's awaiter is kept in a field and consumed once, by its end.")]
internal sealed class StreamTransport : ByteTransport, IThreadPoolWorkItem
{
    private readonly Stream _stream;
    private readonly Socket? _socket;
    private readonly RecordStream? _records;
    private readonly CancellationTokenSource _disposing = new();
    private readonly CancellationTokenSource _interruptingRead;
    private readonly Action _onRead;
    private readonly Action _onWritten;

    private volatile TlsTurn _turn;
    private Memory<byte> _receiveBuffer;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _read;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _written;
    private int _sendBytes;
    private bool _flushing;
    private int _disposed;

    /// <param name="stream">The duplex stream.</param>
    /// <param name="socket">The socket beneath, where it is known and the stream does not tell.</param>
    /// <param name="records">What is under the stream's TLS, where that was made here: its records then travel in batches.</param>
    public StreamTransport(Stream stream, Socket? socket = null, RecordStream? records = null)
    {
        _stream = stream;
        _records = records;
        _turn = stream is SslStream ? TlsTurn.Free : TlsTurn.Over;
        _socket = socket ?? (stream as NetworkStream)?.Socket;
        if (_socket is not null)
            (LocalEndPoint, RemoteEndPoint) = SocketTransport.EndPointsOf(_socket);
        _interruptingRead = CancellationTokenSource.CreateLinkedTokenSource(_disposing.Token);
        _onRead = OnRead;
        _onWritten = OnWritten;
    }

    public override bool CanSendWithoutCopy => false;

    public override bool CanPoll => _records is not null;

    public override EndPoint? LocalEndPoint { get; }

    public override EndPoint? RemoteEndPoint { get; }

    public override long AcknowledgedBytes => _socket is null ? 0 : SocketTransport.AcknowledgedBytesOf(_socket);

    public override void PollAtNextReceive(BusyPoll poll)
    {
        if (_records is not null)
            _records.Poll = poll;
    }

    public override bool Receive(Memory<byte> buffer, out TransportResult result)
    {
        _receiveBuffer = buffer;
        result = default;
        do
        {
            if (!TryTakeTurnToRead())
                return false;
            BeginRead();
            if (_read.IsCompleted)
                continue;
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
            _records?.Gather();
            _written = _stream.WriteAsync(bytes, _disposing.Token).ConfigureAwait(false).GetAwaiter();
        }
        catch (Exception exception)
        {
            result = Failed(exception);
            return true;
        }

        return ContinueSend(out result);
    }

    public override void KeepAlive(TimeSpan patience)
    {
        if (_socket is not null)
            SocketTransport.KeepAlive(_socket, patience);
    }

    public override bool ShutdownSend()
    {
        if (_stream is SslStream tls)
        {
            if (TryTakeTurnToSayGoodbye())
                SayGoodbye(tls);
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

    /// <summary>The turn to read. False: the goodbye is being said, and whoever says it lets the read begin behind it.</summary>
    private bool TryTakeTurnToRead()
    {
        while (true)
        {
            TlsTurn turn = _turn;
            Debug.Assert(turn is TlsTurn.Free or TlsTurn.Goodbye or TlsTurn.Over, "One read at a time.");
            if (turn == TlsTurn.Over)
                return true;
            TlsTurn next = turn == TlsTurn.Free ? TlsTurn.Reading : TlsTurn.GoodbyeThenRead;
            if (Interlocked.CompareExchange(ref _turn, next, turn) == turn)
                return next == TlsTurn.Reading;
        }
    }

    /// <summary>The turn to say goodbye. False: the read that is under way has been interrupted and says it at its end, or it is said.</summary>
    private bool TryTakeTurnToSayGoodbye()
    {
        while (true)
        {
            TlsTurn turn = _turn;
            if (turn is not (TlsTurn.Free or TlsTurn.Reading))
                return false;
            TlsTurn next = turn == TlsTurn.Free ? TlsTurn.Goodbye : TlsTurn.ReadThenGoodbye;
            if (Interlocked.CompareExchange(ref _turn, next, turn) != turn)
                continue;
            if (next == TlsTurn.ReadThenGoodbye)
                _ = _interruptingRead.CancelAsync();
            return next == TlsTurn.Goodbye;
        }
    }

    /// <summary>Sends TLS's close_notify, by whoever has the turn, and lets reads begin again.</summary>
    private void SayGoodbye(SslStream tls)
    {
        _ = SayGoodbyeAsync(tls);
        if (Interlocked.Exchange(ref _turn, TlsTurn.Over) == TlsTurn.GoodbyeThenRead)
            ThreadPool.UnsafeQueueUserWorkItem(static transport => transport.ReceiveAgain(), this, preferLocal: false);
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
        CancellationToken interruption = _turn == TlsTurn.Over ? _disposing.Token : _interruptingRead.Token;
        try
        {
            _read = _stream.ReadAsync(_receiveBuffer, interruption).ConfigureAwait(false).GetAwaiter();
        }
        catch (Exception exception)
        {
            _read = ValueTask.FromException<int>(exception).ConfigureAwait(false).GetAwaiter();
        }

        if (_records is not null)
            _records.Poll = null; // What the stream still reads for this, it reads on another thread.
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

        // Nobody but this read takes it out of an interrupted turn.
        bool wasInterrupted = false;
        if (_turn != TlsTurn.Over && Interlocked.CompareExchange(ref _turn, TlsTurn.Free, TlsTurn.Reading) == TlsTurn.ReadThenGoodbye)
        {
            wasInterrupted = failure is OperationCanceledException && Volatile.Read(ref _disposed) == 0;
            SayGoodbye((SslStream)_stream);
        }

        result = failure is null ? new(count) : Failed(failure);
        return !wasInterrupted;
    }

    private void OnRead()
    {
        if (TryEndRead(out TransportResult result))
            Callbacks.OnReceived(result);
        else
            ReceiveAgain();
    }

    private void ReceiveAgain()
    {
        if (Receive(_receiveBuffer, out TransportResult result))
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
                ValueTask flushed = _records?.SendGatheredAsync(_disposing.Token) ?? new ValueTask(_stream.FlushAsync(_disposing.Token));
                _written = flushed.ConfigureAwait(false).GetAwaiter();
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

    /// <summary>Whose turn it is on a TLS connection whose goodbye is not yet said.</summary>
    /// <remarks>
    /// Safety: <see cref="SslStream.ShutdownAsync"/> takes no lock of its own, unlike reads and writes, and the state of a TLS
    /// connection in OpenSSL bears no second thread: made beside a read that is decrypting, it is a race in native memory. So a
    /// pending read is cancelled, which loses no byte, and begun again behind the goodbye. No write is under way then, by the
    /// contract of <see cref="ShutdownSend"/>. A word that is compared and exchanged, and no lock: both are calls into foreign code.
    /// </remarks>
    private enum TlsTurn
    {
        /// <summary>Neither reads nor says goodbye.</summary>
        Free,

        /// <summary>A read is under way.</summary>
        Reading,

        /// <summary>A read is under way and has been interrupted: it says goodbye at its end.</summary>
        ReadThenGoodbye,

        /// <summary>The goodbye is being said.</summary>
        Goodbye,

        /// <summary>The goodbye is being said, and a read waits for it.</summary>
        GoodbyeThenRead,

        /// <summary>The goodbye has been said, or this is no TLS: reads need no turn.</summary>
        Over,
    }
}
