using Muxado.Fast.Pipes;
using Muxado.Fast.Streams;

namespace Muxado.Fast;

/// <summary>
/// A stream without an object of its own: what <see cref="MuxadoStream"/> wraps, for code that opens streams by the million.
/// </summary>
/// <remarks>
/// The state behind a handle is pooled. Copies of a handle are the same stream; once one of them is disposed all of them are
/// stale, and every member that needs the stream, but for <see cref="Dispose"/>, throws <see cref="ObjectDisposedException"/>, whatever has become of the
/// state since. The default handle is no stream: its members throw <see cref="InvalidOperationException"/>.
/// Thread-safe, with one outstanding read and one outstanding write at a time.
/// </remarks>
public readonly struct MuxadoStreamHandle : IEquatable<MuxadoStreamHandle>
{
    private readonly StreamCore? _core;
    private readonly int _generation;

    internal MuxadoStreamHandle(StreamCore core, int generation)
    {
        _core = core;
        _generation = generation;
    }

    /// <summary>The stream's id on the wire: odd when the client opened it, even when the server did.</summary>
    public uint Id => OfCurrent(Core.Id);

    /// <summary>The type that the opener gave it.</summary>
    public uint StreamType => OfCurrent(Core.StreamType);

    /// <summary>The priority that the opener gave it.</summary>
    public uint Priority => OfCurrent(Core.Priority);

    internal MuxadoSession Session => ((Sessions.SessionEngine)Core.HostOf(_generation)).Facade;

    internal bool CanRead => Core.CanRead(_generation);

    internal bool CanWrite => Core.CanWrite(_generation);

    internal Task ReadsClosed => Core.ReadsClosed(_generation);

    internal Task PeerWritesClosed => Core.PeerWritesClosed(_generation);

    internal Task WritesClosed => Core.WritesClosed(_generation);

    internal DateTimeOffset? ReadDeadline
    {
        get => Core.GetDeadline(_generation, StreamAlarm.Read);
        set => Core.SetDeadline(_generation, StreamAlarm.Read, value);
    }

    internal DateTimeOffset? WriteDeadline
    {
        get => Core.GetDeadline(_generation, StreamAlarm.Write);
        set => Core.SetDeadline(_generation, StreamAlarm.Write, value);
    }

    internal int ReadTimeout
    {
        get => Core.GetTimeout(_generation, StreamAlarm.Read);
        set => Core.SetTimeout(_generation, StreamAlarm.Read, value);
    }

    internal int WriteTimeout
    {
        get => Core.GetTimeout(_generation, StreamAlarm.Write);
        set => Core.SetTimeout(_generation, StreamAlarm.Write, value);
    }

    private StreamCore Core => _core ?? throw new InvalidOperationException("This is the default handle, which is no stream; take one from OpenHandle or AcceptHandleAsync.");

    /// <summary>What was read of the core, unless the handle had become stale by then: it may have been another stream's.</summary>
    private uint OfCurrent(uint value)
    {
        Volatile.ReadBarrier();
        Core.EnsureCurrent(_generation);
        return value;
    }

    /// <summary>Reads what is there, waiting for at least one byte. 0 is the end; with an empty buffer it waits until something can be read.</summary>
    /// <param name="buffer">Filled from the front. Arriving bytes are written straight into it while the read waits.</param>
    /// <param name="cancellationToken">Ends the wait at once. No byte is lost and the stream goes on; the buffer is not touched afterwards.</param>
    /// <exception cref="MuxadoException">The stream was reset, the session ended, or a deadline passed. Bytes that came before are read first.</exception>
    /// <exception cref="InvalidOperationException">Another read is outstanding.</exception>
    /// <exception cref="ObjectDisposedException">The handle is stale, or becomes so while the read waits.</exception>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Core.ReadAsync(_generation, buffer, cancellationToken);

    /// <summary>
    /// Writes all of the buffer. Done means handed over in order, not received by the peer; it waits while the peer's window is
    /// used up or the transport is busy.
    /// </summary>
    /// <param name="buffer">Must stay as it is until the write is done.</param>
    /// <param name="completeWrites">Half-closes with the last byte, in the same frame.</param>
    /// <param name="cancellationToken">Ends the wait at once. Whole frames that are queued already will be sent, nothing else; the stream goes on.</param>
    /// <exception cref="MuxadoException">The stream was reset, the peer opened it one-way, the session ended, or a deadline passed.</exception>
    /// <exception cref="InvalidOperationException">Another write is outstanding, or writes were completed.</exception>
    /// <exception cref="ObjectDisposedException">The handle is stale, or becomes so while the write waits.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, bool completeWrites = false, CancellationToken cancellationToken = default) =>
        Core.WriteAsync(_generation, buffer, completeWrites, cancellationToken);

    /// <summary>Reads what is there, without waiting. False: nothing yet. True with 0 bytes: the end, unless the buffer is empty.</summary>
    /// <param name="buffer">Filled from the front.</param>
    /// <param name="bytesRead">How many bytes were read.</param>
    /// <exception cref="MuxadoException">As for <see cref="ReadAsync"/>.</exception>
    public bool TryRead(Span<byte> buffer, out int bytesRead) => Core.TryRead(_generation, buffer, out bytesRead);

    /// <summary>Writes what can go at once, without waiting. False: nothing can, for now.</summary>
    /// <param name="buffer">What to write; it is copied.</param>
    /// <param name="bytesWritten">How many bytes of it were taken, from the front.</param>
    /// <exception cref="MuxadoException">As for <see cref="WriteAsync"/>.</exception>
    public bool TryWrite(ReadOnlySpan<byte> buffer, out int bytesWritten) => Core.TryWrite(_generation, buffer, out bytesWritten);

    /// <summary>Half-closes: the peer reads the end after everything written so far. Never waits; harmless when done before.</summary>
    public void CompleteWrites() => Core.CompleteWrites(_generation);

    /// <summary>Resets the stream in both directions (RST). Pending operations end at once; what was received is dropped.</summary>
    /// <param name="code">Tells the peer why.</param>
    public void Abort(MuxadoErrorCode code = MuxadoErrorCode.Cancel) => Core.Abort(_generation, code);

    /// <summary>
    /// Lets go of the stream: half-closes it, ends pending operations at once, and has unread and late data answered by a reset. A
    /// write cut off half-way resets it too. Harmless when done before.
    /// </summary>
    public void Dispose() => _core?.Release(_generation);

    /// <summary>The same stream as a <see cref="Stream"/>.</summary>
    public MuxadoStream AsStream() => new(this);

    /// <summary>Whether two handles are the same stream.</summary>
    /// <param name="other">The other handle.</param>
    public bool Equals(MuxadoStreamHandle other) => _core == other._core && _generation == other._generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MuxadoStreamHandle other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_core, _generation);

    /// <summary>Whether two handles are the same stream.</summary>
    public static bool operator ==(MuxadoStreamHandle left, MuxadoStreamHandle right) => left.Equals(right);

    /// <summary>Whether two handles are different streams.</summary>
    public static bool operator !=(MuxadoStreamHandle left, MuxadoStreamHandle right) => !left.Equals(right);

    internal DuplexPipe AsDuplexPipe() => new(Core, _generation);

    internal int Read(Span<byte> buffer, int timeoutMilliseconds) => Core.Read(_generation, buffer, timeoutMilliseconds);

    internal void Write(ReadOnlySpan<byte> buffer, int timeoutMilliseconds) => Core.Write(_generation, buffer, timeoutMilliseconds);
}
