namespace Muxado.Fast.Bench.Record;

/// <summary>A metric's values with their unit, which its name tells.</summary>
internal static class Metric
{
    public static string Describe(string metric, double? value) => value is null ? "-" : Quantity.Number(value.Value) + Unit(metric);

    /// <summary>Behind a number: empty for what has none, a share or a count.</summary>
    public static string Unit(string metric) => metric switch
    {
        "opsPerSecond" => "/s",
        _ when metric.EndsWith("mbPerSecond", StringComparison.OrdinalIgnoreCase) => " MB/s",
        _ when metric.StartsWith("bytesPer", StringComparison.Ordinal) || metric.Contains("Bytes", StringComparison.Ordinal) => " B",
        _ when metric.EndsWith("Us", StringComparison.Ordinal) || metric.StartsWith("cpuUs", StringComparison.Ordinal) => " us",
        _ when metric.EndsWith("Ms", StringComparison.Ordinal) => " ms",
        _ when metric.EndsWith("Seconds", StringComparison.Ordinal) => " s",
        _ => "",
    };
}
