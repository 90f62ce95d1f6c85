using Muxado.Fast.Transport;

namespace Muxado.Fast.Tests.Sessions;

/// <summary>
/// Takes so many bytes of each attempt and the rest by a send that ends at once, and lets the test act in the middle of each attempt. Receives what it is fed with.
/// </summary>
internal sealed class WatchedTransport(int takesPerSend = int.MaxValue) : ByteTransport
{
    private Memory<byte> _receiving;

    /// <summary>The bytes of each attempt.</summary>
    public List<int> Offered { get; } = [];

    public Action? AtSend { get; set; }

    public bool IsReceiving => !_receiving.IsEmpty;

    public override bool CanSendWithoutCopy => true;

    public override bool Receive(Memory<byte> buffer, out TransportResult result)
    {
        _receiving = buffer;
        result = default;
        return false;
    }

    public void Feed(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_receiving.Span);
        _receiving = default;
        Callbacks.OnReceived(new TransportResult(bytes.Length));
    }

    public override int TrySend(ReadOnlySpan<byte> bytes) => Take(bytes.Length);

    public override int TrySend(IList<ArraySegment<byte>> segments) => Take(segments.Sum(segment => segment.Count));

    public override bool Send(ReadOnlyMemory<byte> bytes, out TransportResult result)
    {
        result = new TransportResult(bytes.Length);
        return true;
    }

    public override bool ShutdownSend() => true;

    public override void Dispose()
    {
    }

    private int Take(int bytes)
    {
        Offered.Add(bytes);
        AtSend?.Invoke();
        return Math.Min(bytes, takesPerSend);
    }
}
