using System.Buffers;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>Memory that tells when it is filled. Where it is no array's, whoever fills it asks it for its span.</summary>
internal sealed class TouchedMemory(int bytes) : MemoryManager<byte>
{
    private readonly byte[] _bytes = new byte[bytes];
    private Action? _onTouched;

    public bool WasTouched { get; private set; }

    public override Memory<byte> Memory => CreateMemory(_bytes.Length);

    /// <summary>Called at the next touch only.</summary>
    public void Expect(Action onTouched) => _onTouched = onTouched;

    public override Span<byte> GetSpan()
    {
        if (Interlocked.Exchange(ref _onTouched, null) is { } onTouched)
        {
            WasTouched = true;
            onTouched();
        }

        return _bytes;
    }

    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

    public override void Unpin() => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
    }
}
