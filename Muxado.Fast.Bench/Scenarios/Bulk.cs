using System.Buffers.Binary;
using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>
/// How many bytes a second go one way, on one stream or on many at once. A transfer is a header of its number and length (8 B
/// each, big-endian), the bytes in 64 KiB writes, and an acknowledgement of 8 B that tells how many the receiver found right.
/// </summary>
/// <remarks>
/// What stands beside many streams of one session? Not as many standing connections: those have a socket, a window and a
/// congestion control each, which is what a multiplexer is there to save. So an arm with a standing connection sends the same
/// total on that one connection, in one go: one writer who shares with nobody and waits for one acknowledgement where the
/// streams wait for one each. Nothing that can be done with one connection is cheaper; fairness is no question there. An arm
/// with a connection per operation opens one for each of the transfers, as many at a time as there are streams.
/// </remarks>
internal static class Bulk
{
    public const int HeaderBytes = 16;
    public const int AcknowledgementBytes = 8;

    private const long TransferBytes = 16 * 1024 * 1024;
    private const long SharedTransferBytes = 1024 * 1024;

    // Far enough apart that no two lanes use the same transfer number.
    private const long NumbersPerLane = 1L << 32;

    public static Task<Measurement> RunAsync(Arm arm, TimeSpan duration) => RunAsync(arm, 1, TransferBytes, duration);

    /// <summary>All streams send at once. Adds Jain's fairness index of what each sent within the slice as <c>jainFairness</c>.</summary>
    public static Task<Measurement> RunAsync(Arm arm, int streams, TimeSpan duration) => arm.KeepsStreams && !arm.Multiplexes
        ? RunAsync(arm, 1, streams * SharedTransferBytes, duration)
        : RunAsync(arm, streams, SharedTransferBytes, duration);

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

    private static async Task<Measurement> RunAsync(Arm arm, int laneCount, long transferBytes, TimeSpan duration)
    {
        var lanes = new List<BulkLane>();
        for (var i = 0; i < laneCount; i++)
            lanes.Add(await BulkLane.OpenAsync(arm, transferBytes));

        var slice = Slice.Begin(duration);
        await Task.WhenAll(lanes.Select((lane, i) => lane.RunAsync(i * NumbersPerLane, slice)));
        slice.End();

        foreach (var lane in lanes)
            await lane.DisposeAsync();
        var sum = Tally.Sum([.. lanes.Select(lane => lane.Tally)], transferBytes, slice);
        if (laneCount == 1)
            return sum;
        var fairness = JainFairness.Index([.. lanes.Select(lane => (double)lane.BytesInSlice)]);
        return sum with { Extra = new Dictionary<string, double> { ["jainFairness"] = fairness } };
    }
}
