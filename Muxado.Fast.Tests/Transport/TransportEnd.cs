using Muxado.Fast.Transport;

namespace Muxado.Fast.Tests.Transport;

/// <summary>Drives a transport as a session does, as tasks; an operation that ends twice fails the test.</summary>
internal sealed class TransportEnd : ITransportCallbacks, IDisposable
{
    private TaskCompletionSource<TransportResult>? _receiving;
    private TaskCompletionSource<TransportResult>? _sending;

    public TransportEnd(ByteTransport transport)
    {
        Transport = transport;
        transport.Callbacks = this;
    }

    public ByteTransport Transport { get; }

    /// <summary>How many operations called back that were not under way.</summary>
    public int StrayCallbacks { get; private set; }

    public Task<TransportResult> ReceiveAsync(Memory<byte> buffer)
    {
        var receiving = new TaskCompletionSource<TransportResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        _receiving = receiving;
        if (!Transport.Receive(buffer, out var result))
            return receiving.Task;

        if (Interlocked.Exchange(ref _receiving, null) is null)
            StrayCallbacks++;
        return Task.FromResult(result);
    }

    public Task<TransportResult> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        var sending = new TaskCompletionSource<TransportResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        _sending = sending;
        if (!Transport.Send(bytes, out var result))
            return sending.Task;

        if (Interlocked.Exchange(ref _sending, null) is null)
            StrayCallbacks++;
        return Task.FromResult(result);
    }

    /// <summary>Receives until <paramref name="count"/> bytes are here, or the end.</summary>
    public async Task<byte[]> ReceiveExactlyAsync(int count)
    {
        var bytes = new byte[count];
        var received = 0;
        while (received < count)
        {
            var result = await ReceiveAsync(bytes.AsMemory(received));
            if (result.Error is not null)
                throw new IOException("The receive failed.", result.Error);
            if (result.Bytes == 0)
                return bytes[..received];
            received += result.Bytes;
        }

        return bytes;
    }

    public void Dispose() => Transport.Dispose();

    void ITransportCallbacks.OnReceived(in TransportResult result) => End(ref _receiving, result);

    void ITransportCallbacks.OnSent(in TransportResult result) => End(ref _sending, result);

    private void End(ref TaskCompletionSource<TransportResult>? operation, in TransportResult result)
    {
        if (Interlocked.Exchange(ref operation, null) is { } pending)
            pending.SetResult(result);
        else
            StrayCallbacks++;
    }
}
