using Muxado.Fast.Transport;

namespace Muxado.Fast.Bench.Micro.Sessions;

/// <summary>
/// A transport whose network costs nothing: it swallows what is sent, and receives what a benchmark has prepared, both on the
/// calling thread. What is left is the session's own work.
/// </summary>
/// <remarks>
/// Owner: a session, and the benchmark that feeds it.
/// Threading: the benchmark's one thread, but for what the session's start and its timer do; the lock guards the receiving side.
/// Invariants: a receive is pending whenever nothing is left of what was fed.
/// Reuse: none.
/// </remarks>
internal sealed class PreparedTransport(bool canSendWithoutCopy) : ByteTransport
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private Memory<byte> _receiving;
    private ReadOnlyMemory<byte> _fed;
    private bool _isPending;

    /// <summary>Takes the bytes that the session sends, for a verification; null while it is measured.</summary>
    public List<byte>? Recording { get; set; }

    public long SwallowedBytes { get; private set; }

    public override bool CanSendWithoutCopy => canSendWithoutCopy;

    /// <summary>Has the session receive all of these bytes, and returns when it has parsed them.</summary>
    public void Feed(ReadOnlyMemory<byte> bytes)
    {
        WaitForReceive();
        int count;
        lock (_gate)
        {
            _isPending = false;
            _fed = bytes;
            count = TakeLocked(_receiving);
        }

        Callbacks.OnReceived(new TransportResult(count));
        WaitForReceive();
    }

    public override bool Receive(Memory<byte> buffer, out TransportResult result)
    {
        lock (_gate)
        {
            result = default;
            if (!_fed.IsEmpty)
            {
                result = new TransportResult(TakeLocked(buffer));
                return true;
            }

            _receiving = buffer;
            _isPending = true;
            return false;
        }
    }

    public override int TrySend(ReadOnlySpan<byte> bytes)
    {
        Swallow(bytes);
        return bytes.Length;
    }

    public override int TrySend(IList<ArraySegment<byte>> segments)
    {
        var count = 0;
        for (var i = 0; i < segments.Count; i++)
        {
            Swallow(segments[i]);
            count += segments[i].Count;
        }

        return count;
    }

    public override bool Send(ReadOnlyMemory<byte> bytes, out TransportResult result)
    {
        Swallow(bytes.Span);
        result = new TransportResult(bytes.Length);
        return true;
    }

    public override bool ShutdownSend() => false;

    public override void Dispose()
    {
    }

    private void Swallow(ReadOnlySpan<byte> bytes)
    {
        SwallowedBytes += bytes.Length;
        if (Recording is not { } recording)
            return;
        lock (recording)
            recording.AddRange(bytes);
    }

    private int TakeLocked(Memory<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _fed.Length);
        _fed[..count].CopyTo(buffer);
        _fed = _fed[count..];
        return count;
    }

    // It is there already, but for the session's first one, and when the system has held this thread up for so long that another
    // has taken over its drain.
    private void WaitForReceive()
    {
        if (!Volatile.Read(ref _isPending) && !SpinWait.SpinUntil(() => Volatile.Read(ref _isPending), s_patience))
            throw new TimeoutException($"The session did not ask for more bytes within {s_patience.TotalSeconds} s.");
    }
}
