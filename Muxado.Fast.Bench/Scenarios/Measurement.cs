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
/// <param name="Latencies">More of the distribution, in ascending order; null when a program does not keep it.</param>
/// <param name="Client">What the client process used during the slice.</param>
/// <param name="Server">What the server process used meanwhile; the comparison adds it.</param>
internal sealed record Measurement(
    long Operations,
    long Bytes,
    double Seconds,
    double P50Us,
    double P99Us,
    long Errors,
    string? FirstError,
    IReadOnlyDictionary<string, double>? Extra = null,
    IReadOnlyList<LatencyPoint>? Latencies = null,
    ProcessCost? Client = null,
    ProcessCost? Server = null)
{
    public double OpsPerSecond => Operations / Seconds;

    public double MbPerSecond => Bytes / Seconds / 1e6;

    /// <summary>CPU time of both ends per operation; null when either is unknown.</summary>
    public double? CpuUsPerOperation => PerOperation(cost => cost.CpuSeconds * 1e6);

    /// <summary>What both ends allocated per operation; null when either is unknown.</summary>
    public double? AllocatedBytesPerOperation => PerOperation(cost => cost.AllocatedBytes);

    /// <summary>Context switches of both ends per operation, voluntary or not; null when either is unknown.</summary>
    public double? SwitchesPerOperation => PerOperation(cost => cost.VoluntarySwitches + cost.InvoluntarySwitches);

    private double? PerOperation(Func<ProcessCost, double?> value) =>
        Operations > 0 && Client is not null && Server is not null ? (value(Client) + value(Server)) / Operations : null;
}
