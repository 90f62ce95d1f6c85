using System.Buffers.Binary;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>
/// Bulk that goes on until it is stopped: one transfer follows another without waiting for the acknowledgement, which is read
/// meanwhile. So what was received and found right can be sampled at any moment, and a long line stays full.
/// </summary>
/// <remarks>
/// Owner: a scenario, which also owns the stream.
/// Threading: one loop writes and one reads; <see cref="AcknowledgedBytes"/> may be read by anyone.
/// Invariants: transfers are acknowledged in order, and the last one is announced to the reading loop before it is sent.
/// </remarks>
internal sealed class BulkFlow
{
    public const int TransferBytes = 1024 * 1024;

    private const long None = -1;

    private readonly Stream _stream;
    private readonly long _firstNumber;
    private readonly Task _running;
    private long _lastNumber = None;
    private long _acknowledgedBytes;
    private volatile bool _stopping;

    public BulkFlow(Stream stream, long firstNumber = 0)
    {
        _stream = stream;
        _firstNumber = firstNumber;
        _running = RunAsync();
    }

    /// <summary>Payload that the receiver has told to have found right.</summary>
    public long AcknowledgedBytes => Volatile.Read(ref _acknowledgedBytes);

    public string? Error { get; private set; }

    /// <summary>Finishes the transfer under way and returns when everything is acknowledged. The stream can be used again if there was no error.</summary>
    public Task StopAsync()
    {
        _stopping = true;
        return _running;
    }

    private async Task RunAsync()
    {
        var sending = Task.Run(SendAsync);
        try
        {
            await ReceiveAcknowledgementsAsync();
            await sending;
        }
        catch (Exception failure)
        {
            Error = $"{failure.GetType().Name}: {failure.Message}";
            await _stream.DisposeAsync();
            await sending.ContinueWith(
                static sent => _ = sent.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task SendAsync()
    {
        var header = new byte[Bulk.HeaderBytes];
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(sizeof(long)), TransferBytes);
        for (var number = _firstNumber; Volatile.Read(ref _lastNumber) == None; number++)
        {
            if (_stopping)
                Volatile.Write(ref _lastNumber, number);
            BinaryPrimitives.WriteInt64BigEndian(header, number);
            await _stream.WriteAsync(header);
            for (long offset = 0; offset < TransferBytes; offset += Payload.MaxPieceBytes)
                await _stream.WriteAsync(Payload.Piece(number, offset, Payload.MaxPieceBytes));
        }
    }

    private async Task ReceiveAcknowledgementsAsync()
    {
        var acknowledgement = new byte[Bulk.AcknowledgementBytes];
        for (var number = _firstNumber; ; number++)
        {
            await _stream.ReadExactlyAsync(acknowledgement);
            var right = BinaryPrimitives.ReadInt64BigEndian(acknowledgement);
            if (right != TransferBytes)
                throw new InvalidDataException($"transfer {number}: the receiver found {right} of {TransferBytes} bytes right");
            Volatile.Write(ref _acknowledgedBytes, _acknowledgedBytes + right);
            if (number == Volatile.Read(ref _lastNumber))
                return;
        }
    }
}
