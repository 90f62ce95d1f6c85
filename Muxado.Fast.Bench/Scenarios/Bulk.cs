using System.Buffers.Binary;
using System.Diagnostics;
using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>
/// How many bytes a second go one way. A transfer is a header of its number and length (8 B each, big-endian), the bytes in
/// 64 KiB writes, and an acknowledgement of 8 B that tells how many the receiver found right.
/// </summary>
internal static class Bulk
{
    private const int HeaderBytes = 16;
    private const int AcknowledgementBytes = 8;
    private const long TransferBytes = 16 * 1024 * 1024;

    public static async Task<Measurement> RunAsync(Arm arm, TimeSpan duration)
    {
        await using var standing = arm.KeepsStreams ? await arm.OpenStreamAsync(arm.Server.Sink) : null;
        var tally = new Tally();
        var start = Stopwatch.GetTimestamp();
        var deadline = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        await tally.RunAsync(deadline, 0, async number =>
        {
            if (standing is not null)
            {
                await SendAsync(standing, number);
                return;
            }

            await using var stream = await arm.OpenStreamAsync(arm.Server.Sink);
            await SendAsync(stream, number);
        });
        return Tally.Sum([tally], TransferBytes, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>The receiver's side: takes one transfer after another until the sender is done.</summary>
    public static async Task ReceiveAsync(Stream stream)
    {
        var buffer = new byte[Payload.MaxPieceBytes];
        var header = new byte[HeaderBytes];
        while (await stream.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false) == HeaderBytes)
        {
            var number = BinaryPrimitives.ReadInt64BigEndian(header);
            var length = BinaryPrimitives.ReadInt64BigEndian(header.AsSpan(sizeof(long)));
            long right = 0;
            for (long offset = 0; offset < length;)
            {
                var count = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length - offset)));
                if (count == 0)
                    throw new EndOfStreamException($"transfer {number} ended after {offset} of {length} bytes");
                if (Payload.Matches(buffer.AsSpan(0, count), number, offset))
                    right += count;
                offset += count;
            }

            BinaryPrimitives.WriteInt64BigEndian(header, right);
            await stream.WriteAsync(header.AsMemory(0, AcknowledgementBytes));
        }
    }

    private static async ValueTask SendAsync(Stream stream, long number)
    {
        var header = new byte[HeaderBytes];
        BinaryPrimitives.WriteInt64BigEndian(header, number);
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(sizeof(long)), TransferBytes);
        await stream.WriteAsync(header);
        for (long offset = 0; offset < TransferBytes; offset += Payload.MaxPieceBytes)
            await stream.WriteAsync(Payload.Piece(number, offset, Payload.MaxPieceBytes));

        await stream.ReadExactlyAsync(header.AsMemory(0, AcknowledgementBytes));
        var right = BinaryPrimitives.ReadInt64BigEndian(header);
        if (right != TransferBytes)
            throw new InvalidDataException($"transfer {number}: the receiver found {right} of {TransferBytes} bytes right");
    }
}
