using System.IO.Pipelines;

namespace Muxado.Fast;

#pragma warning disable CS1591, CA1065, CA1822
public sealed class MuxadoStream : Stream
{
    internal MuxadoStream(MuxadoStreamHandle handle) => Handle = handle;
    public MuxadoStreamHandle Handle { get; }
    public uint Id => throw new NotImplementedException();
    public uint StreamType => throw new NotImplementedException();
    public uint Priority => throw new NotImplementedException();
    public MuxadoSession Session => throw new NotImplementedException();
    public void CompleteWrites() => throw new NotImplementedException();
    public ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, bool completeWrites, CancellationToken cancellationToken = default) => throw new NotImplementedException();
    public void Abort(MuxadoErrorCode code = MuxadoErrorCode.Cancel) => throw new NotImplementedException();
    public Task ReadsClosed => throw new NotImplementedException();
    public Task WritesClosed => throw new NotImplementedException();
    public DateTimeOffset? ReadDeadline { get => throw new NotImplementedException(); set => throw new NotImplementedException(); }
    public DateTimeOffset? WriteDeadline { get => throw new NotImplementedException(); set => throw new NotImplementedException(); }
    public void SetDeadline(DateTimeOffset? deadline) => throw new NotImplementedException();
    public bool TryRead(Span<byte> buffer, out int bytesRead) => throw new NotImplementedException();
    public bool TryWrite(ReadOnlySpan<byte> buffer, out int bytesWritten) => throw new NotImplementedException();
    public IDuplexPipe AsDuplexPipe() => throw new NotImplementedException();
    public override bool CanRead => throw new NotImplementedException();
    public override bool CanSeek => throw new NotImplementedException();
    public override bool CanWrite => throw new NotImplementedException();
    public override long Length => throw new NotImplementedException();
    public override long Position { get => throw new NotImplementedException(); set => throw new NotImplementedException(); }
    public override void Flush() => throw new NotImplementedException();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotImplementedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotImplementedException();
    public override void SetLength(long value) => throw new NotImplementedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotImplementedException();
}
