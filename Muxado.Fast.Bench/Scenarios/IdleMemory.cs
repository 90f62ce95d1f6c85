using System.Diagnostics;
using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>How much memory of the engine an idle open stream takes, at each end.</summary>
/// <remarks>
/// The figure to quote is that of streams that had a byte echoed before they fell silent: whatever a stream leaves behind once it
/// has been used is counted. Streams that were opened and accepted only, and streams on which a read waits, are told apart. The
/// client's figures and, with "Server" in the name, the server's are live objects after a full collection; what the benchmark
/// keeps the streams in is not among them. A first session keeps enough streams to empty the pools that earlier work has filled,
/// or the first few thousand streams would seem to cost nothing.
/// </remarks>
internal static class IdleMemory
{
    // More than the pools of the engine keep.
    private const int BallastStreams = 6000;

    public static async Task<Measurement> RunAsync(Arm arm, IReadOnlyList<int> counts)
    {
        var start = Stopwatch.GetTimestamp();
        var extra = new Dictionary<string, double>();
        long opened = 0;
        string? error = null;
        try
        {
            await using var ballast = await IdleStreams.ConnectAsync((MuxadoArm)arm, used: true, BallastStreams);
            await ballast.GrowAsync(BallastStreams);
            var pending = new ValueTask<int>[BallastStreams];
            ballast.StartReads(pending);
            await ballast.MeasureServerAsync();

            // All sessions live to the end: what one gave back to the pools would seem to cost the next one nothing.
            await using var usedStreams = await IdleStreams.ConnectAsync((MuxadoArm)arm, used: true, counts.Max());
            opened += await MeasureAsync(usedStreams, counts, used: true, extra);
            await using var openedStreams = await IdleStreams.ConnectAsync((MuxadoArm)arm, used: false, counts.Max());
            opened += await MeasureAsync(openedStreams, counts, used: false, extra);
        }
        catch (Exception failure)
        {
            error = $"{failure.GetType().Name}: {failure.Message}";
        }

        return new Measurement(opened, 0, Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 0, error is null ? 0 : 1, error, extra);
    }

    private static async Task<int> MeasureAsync(IdleStreams streams, IReadOnlyList<int> counts, bool used, Dictionary<string, double> extra)
    {
        var kind = used ? "Idle" : "Opened";
        var most = counts.Max();
        var pending = new ValueTask<int>[most];
        var serverBase = await streams.MeasureServerAsync();
        var clientBase = MemoryUse.Measure();
        foreach (var count in counts)
        {
            await streams.GrowAsync(count);
            Add(await streams.MeasureServerAsync() - serverBase, count, kind, "Server", extra);
            Add(MemoryUse.Measure() - clientBase, count, kind, "", extra);
        }

        if (used)
        {
            streams.StartReads(pending);
            Add(MemoryUse.Measure() - clientBase, most, "Waiting", "", extra);
        }

        GC.KeepAlive(pending);
        return most;
    }

    // The name without a number is that of the largest count: it comes last.
    private static void Add(MemoryUse growth, int count, string kind, string end, Dictionary<string, double> extra)
    {
        extra[$"heapBytesOf{count}{kind}Streams{end}"] = growth.HeapBytes;
        extra[$"rssBytesOf{count}{kind}Streams{end}"] = growth.ResidentBytes;
        extra[$"bytesPer{kind}Stream{end}"] = (double)growth.HeapBytes / count;
        extra[$"rssBytesPer{kind}Stream{end}"] = (double)growth.ResidentBytes / count;
    }
}
