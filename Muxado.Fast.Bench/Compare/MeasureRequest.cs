namespace Muxado.Fast.Bench.Compare;

/// <summary>Asks a client process for a measurement. See <see cref="ArmRole"/>.</summary>
internal sealed record MeasureRequest(string Workload, double Seconds);
