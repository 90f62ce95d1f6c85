using System.Diagnostics;
using HdrHistogram;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>What one loop of a scenario counts. One writer.</summary>
internal sealed class Tally
{
    public LongHistogram LatencyHistogram { get; } = Latencies.Create();

    public long Operations { get; private set; }

    public string? Error { get; private set; }

    /// <summary>Repeats <paramref name="operation"/>, which gets its number, once at least, until the time is up or one fails.</summary>
    public async Task RunAsync(long deadlineTimestamp, long firstNumber, Func<long, ValueTask> operation)
    {
        try
        {
            var start = Stopwatch.GetTimestamp();
            do
            {
                await operation(firstNumber + Operations);
                var end = Stopwatch.GetTimestamp();
                Latencies.Record(LatencyHistogram, start, end);
                Operations++;
                start = end;
            }
            while (start < deadlineTimestamp);
        }
        catch (Exception failure)
        {
            Error = $"{failure.GetType().Name}: {failure.Message}";
        }
    }

    /// <summary>The loops of a slice together, with what it cost this process.</summary>
    public static Measurement Sum(IReadOnlyCollection<Tally> tallies, long bytesPerOperation, Slice slice) =>
        Sum(tallies, bytesPerOperation, slice.Elapsed) with { Client = slice.Cost };

    public static Measurement Sum(IReadOnlyCollection<Tally> tallies, long bytesPerOperation, TimeSpan elapsed)
    {
        var latencies = Latencies.Merge(tallies.Select(tally => tally.LatencyHistogram));
        var operations = tallies.Sum(tally => tally.Operations);
        return new Measurement(
            operations,
            operations * bytesPerOperation,
            elapsed.TotalSeconds,
            Latencies.PercentileUs(latencies, 50),
            Latencies.PercentileUs(latencies, 99),
            tallies.Count(tally => tally.Error is not null),
            tallies.Select(tally => tally.Error).FirstOrDefault(error => error is not null),
            Latencies: Latencies.Distribution(latencies));
    }
}
