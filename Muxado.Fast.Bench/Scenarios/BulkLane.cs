using System.Buffers.Binary;
using System.Diagnostics;
using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>The sender's side of <see cref="Bulk"/>: one transfer after another, on a stream that stands or that is opened for each.</summary>
internal sealed class BulkLane : IAsyncDisposable
{
    private readonly Arm _arm;
    private readonly Stream? _standing;
    private readonly long _transferBytes;
    private readonly byte[] _header = new byte[Bulk.HeaderBytes];

    private BulkLane(Arm arm, Stream? standing, long transferBytes)
    {
        _arm = arm;
        _standing = standing;
        _transferBytes = transferBytes;
    }

    public Tally Tally { get; } = new();

    /// <summary>What was written until the deadline. Finer than transfers: one cut by the deadline counts as far as it came.</summary>
    public long BytesInSlice { get; private set; }

    public static async ValueTask<BulkLane> OpenAsync(Arm arm, long transferBytes) =>
        new(arm, arm.KeepsStreams ? await arm.OpenStreamAsync(arm.Server.Sink) : null, transferBytes);

    public Task RunAsync(long firstNumber, Slice slice) => Tally.RunAsync(slice.DeadlineTimestamp, firstNumber, async number =>
    {
        if (_standing is not null)
        {
            await SendAsync(_standing, number, slice);
            return;
        }

        await using var stream = await _arm.OpenStreamAsync(_arm.Server.Sink);
        await SendAsync(stream, number, slice);
    });

    public ValueTask DisposeAsync() => _standing?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async ValueTask SendAsync(Stream stream, long number, Slice slice)
    {
        BinaryPrimitives.WriteInt64BigEndian(_header, number);
        BinaryPrimitives.WriteInt64BigEndian(_header.AsSpan(sizeof(long)), _transferBytes);
        await stream.WriteAsync(_header);
        for (long offset = 0; offset < _transferBytes; offset += Payload.MaxPieceBytes)
        {
            await stream.WriteAsync(Payload.Piece(number, offset, Payload.MaxPieceBytes));
            if (Stopwatch.GetTimestamp() < slice.DeadlineTimestamp)
                BytesInSlice += Payload.MaxPieceBytes;
        }

        await stream.ReadExactlyAsync(_header.AsMemory(0, Bulk.AcknowledgementBytes));
        var right = BinaryPrimitives.ReadInt64BigEndian(_header);
        if (right != _transferBytes)
            throw new InvalidDataException($"transfer {number}: the receiver found {right} of {_transferBytes} bytes right");
    }
}
