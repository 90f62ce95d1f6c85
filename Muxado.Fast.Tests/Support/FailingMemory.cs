using System.Buffers;

namespace Muxado.Fast.Tests.Support;

/// <summary>Memory of an application's own kind, which it disposes too early, or which can be looked at so many times only.</summary>
public sealed class FailingMemory(int bytes, int readable) : MemoryManager<byte>
{
    private readonly byte[] _bytes = new byte[bytes];
    private int _reads;

    public bool IsDisposed { get; set; }

    public override Memory<byte> Memory => CreateMemory(bytes);

    public override Span<byte> GetSpan() =>
        IsDisposed || _reads++ >= readable ? throw new ObjectDisposedException(nameof(FailingMemory)) : _bytes;

    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
