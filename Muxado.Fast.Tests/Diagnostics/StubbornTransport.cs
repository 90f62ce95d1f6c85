using Muxado.Fast.Transport;

namespace Muxado.Fast.Tests.Diagnostics;

/// <summary>Takes a few bytes of each attempt, and the rest in its own time: when the test says so. Receives nothing.</summary>
internal sealed class StubbornTransport : ByteTransport
{
    private readonly Lock _gate = new();
    private readonly List<byte> _taken = [];
    private ReadOnlyMemory<byte> _pending;
    private bool _takesAll;

    /// <summary>How many bytes each attempt gets rid of at once.</summary>
    public int BytesAtOnce { get; init; }

    /// <summary>Everything that was taken, in order.</summary>
    public byte[] Taken
    {
        get
        {
            lock (_gate)
                return [.. _taken];
        }
    }

    /// <summary>Whether a send is under way.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
                return !_pending.IsEmpty;
        }
    }

    public override bool CanSendWithoutCopy => true;

    public override bool Receive(Memory<byte> buffer, out TransportResult result)
    {
        result = default;
        return false;
    }

    public override int TrySend(ReadOnlySpan<byte> bytes)
    {
        var count = Math.Min(bytes.Length, BytesAtOnce);
        lock (_gate)
            _taken.AddRange(bytes[..count]);
        return count;
    }

    public override int TrySend(IList<ArraySegment<byte>> segments) => TrySend(segments.SelectMany(segment => segment).ToArray());

    public override bool Send(ReadOnlyMemory<byte> bytes, out TransportResult result)
    {
        result = new TransportResult(bytes.Length);
        lock (_gate)
        {
            if (!_takesAll)
                _pending = bytes;
            else
                _taken.AddRange(bytes.Span);
            return _takesAll;
        }
    }

    /// <summary>Ends the send under way, and every later one at once.</summary>
    public void TakeAll()
    {
        ReadOnlyMemory<byte> pending;
        lock (_gate)
        {
            _takesAll = true;
            pending = _pending;
            _pending = default;
            _taken.AddRange(pending.Span);
        }

        if (!pending.IsEmpty)
            Callbacks.OnSent(new TransportResult(pending.Length));
    }

    public override bool ShutdownSend() => true;

    public override void Dispose()
    {
    }
}
