namespace Muxado.Fast.Bench.Load;

/// <summary>What a load found. Printed as JSON in camelCase: the names are a contract with the programs that read them.</summary>
/// <param name="Operations">Echoed completely and correctly.</param>
/// <param name="Errors">Failed for good: the peer may or may not have acted on them.</param>
/// <param name="Retried">Attempts that were certainly never seen by the peer's application, and were made again.</param>
/// <param name="OpsPerSecond">Operations per second of wall-clock time.</param>
/// <param name="P50Us">Median time from the first attempt to the echoed FIN, in microseconds.</param>
/// <param name="P99Us">The 99th percentile of the same.</param>
/// <param name="MbPerSecond">Payload echoed, counted once, in 10^6 bytes per second.</param>
internal sealed record LoadReport(
    long Operations, long Errors, long Retried, double OpsPerSecond, double P50Us, double P99Us, double MbPerSecond);
