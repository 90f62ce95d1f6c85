namespace Muxado.Fast.Tests.Transport;

/// <summary>A stream of which each test decides how its operations end.</summary>
internal sealed class FaultyStream : Stream
{
    public Func<ValueTask<int>> OnRead { get; init; } = () => new(0);

    public Func<ValueTask> OnWrite { get; init; } = () => default;

    public Func<Task> OnFlush { get; init; } = () => Task.CompletedTask;

    public Action OnDispose { get; init; } = () => { };

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => OnRead();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => OnWrite();

    public override Task FlushAsync(CancellationToken cancellationToken) => OnFlush();

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        OnDispose();
        base.Dispose(disposing);
    }
}
