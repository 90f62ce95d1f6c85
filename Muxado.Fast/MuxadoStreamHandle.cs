namespace Muxado.Fast;

/// <summary>stub</summary>
public readonly struct MuxadoStreamHandle
{
    /// <summary>stub</summary>
    public uint Id => throw new NotImplementedException();
    /// <summary>stub</summary>
    public uint StreamType => throw new NotImplementedException();
    /// <summary>stub</summary>
    public uint Priority => throw new NotImplementedException();
    /// <summary>stub</summary>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new NotImplementedException();
    /// <summary>stub</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, bool completeWrites = false, CancellationToken cancellationToken = default) => throw new NotImplementedException();
    /// <summary>stub</summary>
    public bool TryRead(Span<byte> buffer, out int bytesRead) => throw new NotImplementedException();
    /// <summary>stub</summary>
    public bool TryWrite(ReadOnlySpan<byte> buffer, out int bytesWritten) => throw new NotImplementedException();
    /// <summary>stub</summary>
    public void CompleteWrites() => throw new NotImplementedException();
    /// <summary>stub</summary>
    public void Abort(MuxadoErrorCode code = MuxadoErrorCode.Cancel) => throw new NotImplementedException();
    /// <summary>stub</summary>
    public void Dispose() => throw new NotImplementedException();
    /// <summary>stub</summary>
    public MuxadoStream AsStream() => throw new NotImplementedException();

    // What the facade needs beyond the public surface; all of it stale-checked like the rest.
    internal MuxadoSession Session => throw new NotImplementedException();
    internal int Read(Span<byte> buffer, int timeoutMilliseconds) => throw new NotImplementedException();
    internal void Write(ReadOnlySpan<byte> buffer, int timeoutMilliseconds) => throw new NotImplementedException();
    internal Task ReadsClosed => throw new NotImplementedException();
    internal Task WritesClosed => throw new NotImplementedException();
    internal DateTimeOffset? ReadDeadline { get => throw new NotImplementedException(); set => throw new NotImplementedException(); }
    internal DateTimeOffset? WriteDeadline { get => throw new NotImplementedException(); set => throw new NotImplementedException(); }
    internal int ReadTimeout { get => throw new NotImplementedException(); set => throw new NotImplementedException(); }
    internal int WriteTimeout { get => throw new NotImplementedException(); set => throw new NotImplementedException(); }
    // true while the reading or writing half can still be used
    internal bool CanRead => throw new NotImplementedException();
    internal bool CanWrite => throw new NotImplementedException();
}
