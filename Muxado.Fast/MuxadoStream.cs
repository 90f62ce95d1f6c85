using System.IO.Pipelines;

namespace Muxado.Fast;

/// <summary>
/// One stream of a session as a <see cref="Stream"/>: a full-duplex flow of bytes with its own flow control, each half of which
/// closes on its own.
/// </summary>
/// <remarks>
/// <para>
/// Owner: the application, which disposes it. It holds nothing but a <see cref="MuxadoStreamHandle"/>.
/// Threading: one read and one write may be under way at once, from any threads; a second read or write beside the first throws
/// <see cref="InvalidOperationException"/>. All other members may be called at any time.
/// Invariants: bytes that arrived before the peer's end, reset or loss are read first, then the end or the error shows.
/// Reuse: none; the core behind the handle is recycled after disposal, and what is left of this object throws
/// <see cref="ObjectDisposedException"/>.
/// </para>
/// <para>
/// Failures are <see cref="MuxadoException"/>, which is an <see cref="IOException"/>. Cancelling an operation never harms the stream.
/// </para>
/// </remarks>
public sealed class MuxadoStream : Stream
{
    internal MuxadoStream(MuxadoStreamHandle handle) => Handle = handle;

    /// <summary>The same stream as a value. It goes stale when either is disposed.</summary>
    public MuxadoStreamHandle Handle { get; }

    /// <summary>The stream's id on the wire: odd when the client opened it, even when the server did.</summary>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    public uint Id => Handle.Id;

    /// <summary>The number that the opener gave to say what the stream is for; 0 unless it chose one.</summary>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    public uint StreamType => Handle.StreamType;

    /// <summary>The priority that the opener gave; higher goes first. 0 unless it chose one.</summary>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    public uint Priority => Handle.Priority;

    /// <summary>The session that carries the stream.</summary>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    public MuxadoSession Session => Handle.Session;

    /// <summary>
    /// Completes when the reading half has ended: successfully once the peer's end of stream has been read, or the stream was
    /// disposed; with a <see cref="MuxadoException"/> after a reset or the session's failure. Created at the first call.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    public Task ReadsClosed => Handle.ReadsClosed;

    /// <summary>
    /// Completes when the writing half has ended: successfully once this side's end of stream is on its way, or the stream was
    /// disposed; with a <see cref="MuxadoException"/> after a reset or the session's failure. Created at the first call.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    public Task WritesClosed => Handle.WritesClosed;

    /// <summary>
    /// Completes when the peer will write no more, whether or not what it wrote has been read: successfully once its end of stream
    /// has come, or the stream was disposed; with a <see cref="MuxadoException"/> after a reset or the session's failure. It tells
    /// a server that reads nothing at the moment that its client has gone. Created at the first call.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    public Task PeerWritesClosed => Handle.PeerWritesClosed;

    /// <summary>
    /// The instant after which reads fail with <see cref="MuxadoError.DeadlineExceeded"/>, or null for none. It wakes a pending
    /// read, stays in force until it is changed, and loses no byte: a later deadline, or null, makes the stream readable again.
    /// Converted to the session's <see cref="MuxadoSessionOptions.TimeProvider"/> when set, so that a wall clock that jumps later
    /// changes nothing.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    public DateTimeOffset? ReadDeadline
    {
        get => Handle.ReadDeadline;
        set
        {
            MuxadoStreamHandle handle = Handle;
            handle.ReadDeadline = value;
        }
    }

    /// <summary>The instant after which writes fail with <see cref="MuxadoError.DeadlineExceeded"/>, or null for none; otherwise like <see cref="ReadDeadline"/>.</summary>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    public DateTimeOffset? WriteDeadline
    {
        get => Handle.WriteDeadline;
        set
        {
            MuxadoStreamHandle handle = Handle;
            handle.WriteDeadline = value;
        }
    }

    /// <summary>Whether the stream can be read: true until this side disposes or aborts it. At the end of the stream reads return 0.</summary>
    public override bool CanRead => Handle.CanRead;

    /// <summary>
    /// Whether the stream can be written: true until this side half-closes, disposes or aborts it; false from the beginning if the peer has opened it one-way.
    /// What happens on the wire does not change it: a write to a stream that was reset, or whose session has ended, fails.
    /// </summary>
    public override bool CanWrite => Handle.CanWrite;

    /// <summary>Always false.</summary>
    public override bool CanSeek => false;

    /// <summary>Always true.</summary>
    public override bool CanTimeout => true;

    /// <summary>
    /// How long a synchronous read may wait, in milliseconds; <see cref="Timeout.Infinite"/> (-1), the default, sets no limit.
    /// A read that waits longer fails with <see cref="MuxadoError.DeadlineExceeded"/> and loses no byte. For asynchronous reads
    /// there is <see cref="ReadDeadline"/>, which governs both kinds.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is 0, or negative and not <see cref="Timeout.Infinite"/>.</exception>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    public override int ReadTimeout
    {
        get => Handle.ReadTimeout;
        set
        {
            ThrowIfNotTimeout(value);
            MuxadoStreamHandle handle = Handle;
            handle.ReadTimeout = value;
        }
    }

    /// <summary>
    /// How long a synchronous write may wait, in milliseconds; <see cref="Timeout.Infinite"/> (-1), the default, sets no limit. A
    /// write that waits longer fails with <see cref="MuxadoError.DeadlineExceeded"/>, and some of its first bytes may be sent. For
    /// asynchronous writes there is <see cref="WriteDeadline"/>, which governs both kinds.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is 0, or negative and not <see cref="Timeout.Infinite"/>.</exception>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    public override int WriteTimeout
    {
        get => Handle.WriteTimeout;
        set
        {
            ThrowIfNotTimeout(value);
            MuxadoStreamHandle handle = Handle;
            handle.WriteTimeout = value;
        }
    }

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Length => throw CannotSeek();

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Position
    {
        get => throw CannotSeek();
        set => throw CannotSeek();
    }

    /// <summary>
    /// Says that this side writes no more: the peer reads what was written and then the end. Reading goes on. Doing it again is
    /// harmless; a write afterwards throws <see cref="InvalidOperationException"/>.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    public void CompleteWrites() => Handle.CompleteWrites();

    /// <summary>
    /// Resets the stream: both directions end at once, unsent bytes are dropped, and pending operations on both sides fail with
    /// <see cref="MuxadoError.StreamAborted"/>. The stream is still to be disposed.
    /// </summary>
    /// <param name="code">The reason that the peer is told.</param>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    public void Abort(MuxadoErrorCode code = MuxadoErrorCode.Cancel) => Handle.Abort(code);

    /// <summary>Sets <see cref="ReadDeadline"/> and <see cref="WriteDeadline"/> both.</summary>
    /// <param name="deadline">The instant, or null for none.</param>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    public void SetDeadline(DateTimeOffset? deadline)
    {
        ReadDeadline = deadline;
        WriteDeadline = deadline;
    }

    /// <summary>Reads what is here, without waiting.</summary>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="bytesRead">How many came; 0 with a true return means the end of the stream, unless the buffer is empty.</param>
    /// <returns>False when a read would have to wait.</returns>
    /// <exception cref="MuxadoException">The stream was reset, its session failed, or the deadline has passed.</exception>
    /// <exception cref="InvalidOperationException">Another read is under way.</exception>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    public bool TryRead(Span<byte> buffer, out int bytesRead) => Handle.TryRead(buffer, out bytesRead);

    /// <summary>Writes what flow control and the session's send batch take at once, without waiting.</summary>
    /// <param name="buffer">The bytes; not kept.</param>
    /// <param name="bytesWritten">How many of the first bytes were taken.</param>
    /// <returns>False when nothing could be taken.</returns>
    /// <exception cref="MuxadoException">The stream was reset, the peer opened it one-way, its session failed, or the deadline has passed.</exception>
    /// <exception cref="InvalidOperationException">Another write is under way, or this side has half-closed the stream.</exception>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    public bool TryWrite(ReadOnlySpan<byte> buffer, out int bytesWritten) => Handle.TryWrite(buffer, out bytesWritten);

    /// <summary>
    /// The stream as a duplex pipe on the session's own buffers, which owns it from then on: call it once, and use either the pipe
    /// or the stream.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The input shows the blocks that the frames were received into, without a copy; the peer may send more as soon as bytes are
    /// examined, so a reader may wait for more than a window. What was received is read first, then the end or the error shows.
    /// </para>
    /// <para>
    /// The output buffers: bytes leave at <see cref="PipeWriter.FlushAsync"/>, in one run of frames, or when it is completed. After a
    /// reset, or the session's end, a flush does not throw: it says that the pipe is completed, and the input says why. A flush that
    /// is cancelled keeps what was not sent for the next one.
    /// </para>
    /// <para>
    /// Completing the output half-closes behind the last byte (with an exception: resets with <see cref="MuxadoErrorCode.Cancel"/>)
    /// and throws what the last flush would have met; <see cref="PipeWriter.Complete"/> does not wait for bytes that the peer is slow
    /// to take. While a flush is under way neither waits or throws: the flush half-closes at its end, or resets if it cannot send the rest. Completing the input leaves the output alone, and completing both disposes the stream.
    /// </para>
    /// </remarks>
    /// <returns>The pipe.</returns>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    public IDuplexPipe AsDuplexPipe() => Handle.AsDuplexPipe();

    /// <summary>Reads at least one byte, waiting for it; an empty buffer waits until there is something to read.</summary>
    /// <param name="buffer">Where the bytes go. It is not touched after the operation has ended, whichever way.</param>
    /// <param name="cancellationToken">Ends the wait. No byte is lost by it, and the stream stays usable.</param>
    /// <returns>How many bytes came; 0 at the end of the stream, or for an empty buffer.</returns>
    /// <exception cref="MuxadoException">The stream was reset, its session failed, or <see cref="ReadDeadline"/> passed.</exception>
    /// <exception cref="InvalidOperationException">Another read is under way.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The stream is disposed, or was while the read waited.</exception>
#pragma warning disable RS0027 // The base class has chosen the optional parameter.
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Handle.ReadAsync(buffer, cancellationToken);
#pragma warning restore RS0027

    /// <inheritdoc cref="ReadAsync(Memory{byte}, CancellationToken)"/>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="offset">Where in <paramref name="buffer"/> they begin.</param>
    /// <param name="count">How many there may be.</param>
    /// <param name="cancellationToken">Ends the wait. No byte is lost by it, and the stream stays usable.</param>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Handle.ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <summary>Reads at least one byte, blocking for it up to <see cref="ReadTimeout"/>; otherwise like the asynchronous read.</summary>
    /// <param name="buffer">Where the bytes go.</param>
    /// <returns>How many bytes came; 0 at the end of the stream, or for an empty buffer.</returns>
    /// <exception cref="MuxadoException">The stream was reset, its session failed, or the timeout or deadline passed.</exception>
    /// <exception cref="InvalidOperationException">Another read is under way.</exception>
    /// <exception cref="ObjectDisposedException">The stream is disposed, or was while the read waited.</exception>
    public override int Read(Span<byte> buffer) => Handle.Read(buffer, Handle.ReadTimeout);

    /// <inheritdoc cref="Read(Span{byte})"/>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="offset">Where in <paramref name="buffer"/> they begin.</param>
    /// <param name="count">How many there may be.</param>
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    /// <summary>Reads one byte, blocking for it; otherwise like <see cref="Read(Span{byte})"/>.</summary>
    /// <returns>The byte, or -1 at the end of the stream.</returns>
    public override int ReadByte()
    {
        byte value = 0;
        return Read(new Span<byte>(ref value)) == 0 ? -1 : value;
    }

    /// <inheritdoc/>
    public override IAsyncResult BeginRead(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(ReadAsync(buffer, offset, count, CancellationToken.None), callback, state);

    /// <inheritdoc/>
    public override int EndRead(IAsyncResult asyncResult) => TaskToAsyncResult.End<int>(asyncResult);

    /// <summary>Writes all bytes; ends when the last is queued within the peer's window, not when the peer has it.</summary>
    /// <param name="buffer">The bytes, to be left alone until the operation has ended.</param>
    /// <param name="cancellationToken">
    /// Ends the wait. The stream stays usable; frames that were queued before are sent whole, and nothing else is.
    /// </param>
    /// <exception cref="MuxadoException">
    /// The stream was reset, the peer opened it one-way, its session failed, or <see cref="WriteDeadline"/> passed.
    /// </exception>
    /// <exception cref="InvalidOperationException">Another write is under way, or this side has half-closed the stream.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The stream is disposed, or was while the write waited.</exception>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        Handle.WriteAsync(buffer, completeWrites: false, cancellationToken);

    /// <summary>Writes all bytes and, where asked for, half-closes with the last of them: one frame says both.</summary>
    /// <param name="buffer">The bytes, to be left alone until the operation has ended.</param>
    /// <param name="completeWrites">Whether this side writes no more afterwards, as by <see cref="CompleteWrites"/>.</param>
    /// <param name="cancellationToken">Ends the wait. The stream stays usable, and not half-closed.</param>
    /// <exception cref="MuxadoException">
    /// The stream was reset, the peer opened it one-way, its session failed, or <see cref="WriteDeadline"/> passed.
    /// </exception>
    /// <exception cref="InvalidOperationException">Another write is under way, or this side has half-closed the stream.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The stream is disposed, or was while the write waited.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, bool completeWrites, CancellationToken cancellationToken = default) =>
        Handle.WriteAsync(buffer, completeWrites, cancellationToken);

    /// <inheritdoc cref="WriteAsync(ReadOnlyMemory{byte}, CancellationToken)"/>
    /// <param name="buffer">Where the bytes are.</param>
    /// <param name="offset">Where in <paramref name="buffer"/> they begin.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="cancellationToken">Ends the wait; the stream stays usable.</param>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Handle.WriteAsync(buffer.AsMemory(offset, count), completeWrites: false, cancellationToken).AsTask();
    }

    /// <summary>Writes all bytes, blocking up to <see cref="WriteTimeout"/>; otherwise like the asynchronous write.</summary>
    /// <param name="buffer">The bytes.</param>
    /// <exception cref="MuxadoException">The stream was reset, the peer opened it one-way, its session failed, or the timeout or deadline passed.</exception>
    /// <exception cref="InvalidOperationException">Another write is under way, or this side has half-closed the stream.</exception>
    /// <exception cref="ObjectDisposedException">The stream is disposed, or was while the write waited.</exception>
    public override void Write(ReadOnlySpan<byte> buffer) => Handle.Write(buffer, Handle.WriteTimeout);

    /// <inheritdoc cref="Write(ReadOnlySpan{byte})"/>
    /// <param name="buffer">Where the bytes are.</param>
    /// <param name="offset">Where in <paramref name="buffer"/> they begin.</param>
    /// <param name="count">How many there are.</param>
    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    /// <summary>Writes one byte, blocking; otherwise like <see cref="Write(ReadOnlySpan{byte})"/>.</summary>
    /// <param name="value">The byte.</param>
    public override void WriteByte(byte value) => Write(new ReadOnlySpan<byte>(in value));

    /// <inheritdoc/>
    public override IAsyncResult BeginWrite(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(WriteAsync(buffer, offset, count, CancellationToken.None), callback, state);

    /// <inheritdoc/>
    public override void EndWrite(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    /// <summary>Does nothing: a write is on its way when it ends.</summary>
    public override void Flush()
    {
    }

    /// <summary>Does nothing: a write is on its way when it ends.</summary>
    /// <param name="cancellationToken">If it is cancelled already, so is the task.</param>
    public override Task FlushAsync(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? Task.FromCanceled(cancellationToken) : Task.CompletedTask;

    /// <summary>Not supported.</summary>
    /// <param name="offset">Not used.</param>
    /// <param name="origin">Not used.</param>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Seek(long offset, SeekOrigin origin) => throw CannotSeek();

    /// <summary>Not supported.</summary>
    /// <param name="value">Not used.</param>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void SetLength(long value) => throw CannotSeek();

    /// <summary>
    /// Half-closes if that has not happened, and lets the stream go without waiting. A pending read or write ends at once; bytes that
    /// were not read, or come late, are answered by a reset. A write that is cut off, now or before, resets the stream instead of
    /// half-closing it. Disposing again is harmless.
    /// </summary>
    /// <param name="disposing">Always true: there is no finalizer.</param>
    protected override void Dispose(bool disposing)
    {
        Handle.Dispose();
        base.Dispose(disposing);
    }

    private static void ThrowIfNotTimeout(int value)
    {
        if (value <= 0 && value != Timeout.Infinite)
            throw new ArgumentOutOfRangeException(nameof(value), value, "A timeout must be positive, in milliseconds, or Timeout.Infinite (-1).");
    }

    private static NotSupportedException CannotSeek() => new("A multiplexed stream has no length and no position.");
}
