using System.Diagnostics;
using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>How much of a line of 50 ms round trip one stream of bulk fills, once it has had two seconds to find out.</summary>
internal static class DelayedBulk
{
    /// <summary>What may be unacknowledged: at 50 ms this is 168 MB/s, more than the 4 MiB that Linux gives a TCP sender by default.</summary>
    private const int BytesUnderWay = 8 * 1024 * 1024;

    /// <summary>The start-up and as much again that is measured.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan s_roundTrip = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_startUp = TimeSpan.FromSeconds(2);

    /// <param name="arm">Which way the bytes are carried over the line.</param>
    /// <param name="wide">Whether a muxado receiver may let its window grow to what the line needs, or has the default maximum.</param>
    /// <param name="duration">The start-up included; at least 4 s.</param>
    public static async Task<Measurement> RunAsync(Arm arm, bool wide, TimeSpan duration)
    {
        using var line = new DelayLine(wide ? arm.Server.WideSink : arm.Server.Sink, s_roundTrip / 2, BytesUnderWay, LoopbackSocket.Create);

        // A session for this line only, or the next one would find it dead.
        await using var session = arm is MuxadoArm muxado ? await muxado.ConnectAsync(line.EndPoint) : null;
        await using var stream = session is not null ? session.OpenStream() : await arm.OpenStreamAsync(line.EndPoint);
        var flow = new BulkFlow(stream);
        await Task.Delay(s_startUp);

        var start = Stopwatch.GetTimestamp();
        var bytesBefore = flow.AcknowledgedBytes;
        await Task.Delay((duration > Shortest ? duration : Shortest) - s_startUp);
        var bytes = flow.AcknowledgedBytes - bytesBefore;
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await flow.StopAsync();

        return new Measurement(
            bytes / BulkFlow.TransferBytes, bytes, seconds, 0, 0, flow.Error is null ? 0 : 1, flow.Error,
            new Dictionary<string, double>
            {
                // What must have been under way all the time to come to that rate.
                ["windowBytes"] = bytes / seconds * s_roundTrip.TotalSeconds,
                ["lineBytes"] = BytesUnderWay,
                ["startUpMbPerSecond"] = bytesBefore / s_startUp.TotalSeconds / 1e6,
            });
    }
}
