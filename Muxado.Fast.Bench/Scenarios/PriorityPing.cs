using System.Diagnostics;
using System.Runtime.CompilerServices;
using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>
/// What 64 B at high priority wait for when bulk of low priority fills the same session, and what they cost the bulk.
/// </summary>
/// <remarks>
/// Three phases take turns, many times within a run so that drift meets all of them: pings alone, bulk alone, both. The last two
/// change places from cycle to cycle: neither always comes first after the silence.
/// </remarks>
internal sealed class PriorityPing
{
    private const int Cycles = 4;
    private const int PhasesPerCycle = 3;
    private const uint HighPriority = 1000;
    private const uint LowPriority = 1;

    // Far enough apart that no two flows use the same transfer number.
    private const long NumbersPerFlow = 1L << 32;

    private static readonly TimeSpan s_settleTime = TimeSpan.FromMilliseconds(20);

    private readonly MuxadoStream _pingStream;
    private readonly MuxadoStream[] _bulkStreams;
    private readonly byte[] _reply = new byte[PingPong.PayloadBytes];
    private readonly Tally _idle = new();
    private readonly Tally _beside = new();
    private readonly Amount _bulkAlone = new();
    private readonly Amount _bulkBeside = new();
    private string? _bulkError;

    private PriorityPing(MuxadoSession session, int flows)
    {
        _pingStream = session.OpenStream(new MuxadoStreamOptions { Priority = HighPriority, StreamType = (uint)StreamService.Echo });
        _bulkStreams =
        [
            .. Enumerable.Range(0, flows).Select(_ => session.OpenStream(
                new MuxadoStreamOptions { Priority = LowPriority, StreamType = (uint)StreamService.Sink })),
        ];
    }

    public static async Task<Measurement> RunAsync(Arm arm, int flows, TimeSpan duration)
    {
        await using var session = await ((MuxadoArm)arm).ConnectAsync(arm.Server.Sink);
        var run = new PriorityPing(session, flows);
        var measurement = await run.RunAsync(duration);
        foreach (var stream in run._bulkStreams)
            await stream.DisposeAsync();
        await run._pingStream.DisposeAsync();
        return measurement;
    }

    private async Task<Measurement> RunAsync(TimeSpan duration)
    {
        var phase = duration / (Cycles * PhasesPerCycle);
        var start = Stopwatch.GetTimestamp();
        for (var cycle = 0; cycle < Cycles && !HasFailed; cycle++)
        {
            await PingAsync(_idle, phase);
            await BulkCycleAsync(cycle, phase);
        }

        return Report(Stopwatch.GetElapsedTime(start));
    }

    private bool HasFailed => _idle.Error is not null || _beside.Error is not null || _bulkError is not null;

    private async Task BulkCycleAsync(int cycle, TimeSpan phase)
    {
        BulkFlow[] flows = [.. _bulkStreams.Select((stream, i) => new BulkFlow(stream, (i * Cycles + cycle) * NumbersPerFlow))];
        await Task.Delay(s_settleTime);
        var besideFirst = cycle % 2 == 1;
        if (besideFirst)
            await _bulkBeside.AddAsync(flows, () => PingAsync(_beside, phase));
        await _bulkAlone.AddAsync(flows, () => Task.Delay(phase));
        if (!besideFirst)
            await _bulkBeside.AddAsync(flows, () => PingAsync(_beside, phase));

        foreach (var flow in flows)
            await flow.StopAsync();
        _bulkError ??= flows.Select(flow => flow.Error).FirstOrDefault(error => error is not null);
    }

    private Task PingAsync(Tally tally, TimeSpan phase)
    {
        var deadline = Stopwatch.GetTimestamp() + (long)(phase.TotalSeconds * Stopwatch.Frequency);
        return tally.RunAsync(deadline, 0, PingAsync);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask PingAsync(long number)
    {
        await _pingStream.WriteAsync(Payload.Piece(number, 0, PingPong.PayloadBytes));
        await _pingStream.ReadExactlyAsync(_reply);
        if (!Payload.Matches(_reply, number, 0))
            throw new InvalidDataException($"ping {number}: not the bytes that were sent came back");
    }

    private Measurement Report(TimeSpan elapsed)
    {
        var idle = Tally.Sum([_idle], PingPong.PayloadBytes, elapsed);
        var beside = Tally.Sum([_beside], PingPong.PayloadBytes, _bulkBeside.Elapsed);
        return beside with
        {
            Errors = idle.Errors + beside.Errors + (_bulkError is null ? 0 : 1),
            FirstError = idle.FirstError ?? beside.FirstError ?? _bulkError,
            Extra = new Dictionary<string, double>
            {
                ["idleP50Us"] = idle.P50Us,
                ["idleP99Us"] = idle.P99Us,
                ["priorityP50Us"] = beside.P50Us,
                ["priorityP99Us"] = beside.P99Us,
                ["bulkAloneMbPerSecond"] = _bulkAlone.MbPerSecond,
                ["bulkBesideMbPerSecond"] = _bulkBeside.MbPerSecond,
                ["bulkKept"] = _bulkAlone.Bytes == 0 ? 0 : _bulkBeside.MbPerSecond / _bulkAlone.MbPerSecond,
            },
        };
    }

    /// <summary>What the flows got across in the phases of one kind.</summary>
    private sealed class Amount
    {
        public long Bytes { get; private set; }

        public TimeSpan Elapsed { get; private set; }

        public double MbPerSecond => Bytes == 0 ? 0 : Bytes / Elapsed.TotalSeconds / 1e6;

        public async Task AddAsync(BulkFlow[] flows, Func<Task> phase)
        {
            var start = Stopwatch.GetTimestamp();
            var bytesBefore = flows.Sum(flow => flow.AcknowledgedBytes);
            await phase();
            Bytes += flows.Sum(flow => flow.AcknowledgedBytes) - bytesBefore;
            Elapsed += Stopwatch.GetElapsedTime(start);
        }
    }
}
