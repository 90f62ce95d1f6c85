namespace Muxado.Fast.Bench.Scenarios;

/// <summary>What one run of a scenario over one arm found. Travels from the client process to the comparison as JSON.</summary>
/// <param name="Operations">Done and verified.</param>
/// <param name="Bytes">Payload sent one way by those, in bytes.</param>
/// <param name="Seconds">Wall-clock time.</param>
/// <param name="P50Us">Median latency of an operation, in microseconds.</param>
/// <param name="P99Us">The 99th percentile of the same.</param>
/// <param name="Errors">Operations that failed or whose bytes were wrong; each ends its loop.</param>
/// <param name="FirstError">What the first of them said.</param>
/// <param name="Extra">What only some scenarios find, by name and with the unit in the name.</param>
internal sealed record Measurement(
    long Operations,
    long Bytes,
    double Seconds,
    double P50Us,
    double P99Us,
    long Errors,
    string? FirstError,
    IReadOnlyDictionary<string, double>? Extra = null)
{
    public double OpsPerSecond => Operations / Seconds;

    public double MbPerSecond => Bytes / Seconds / 1e6;
}
