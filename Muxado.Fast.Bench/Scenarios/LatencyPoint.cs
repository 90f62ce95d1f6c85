namespace Muxado.Fast.Bench.Scenarios;

/// <summary>One point of a distribution of latencies. Travels between the processes as JSON.</summary>
/// <param name="Percentile">The share of operations that took no longer, from 0 to 100: the maximum is at 100.</param>
/// <param name="Us">How long that was, in microseconds.</param>
internal sealed record LatencyPoint(double Percentile, double Us);
