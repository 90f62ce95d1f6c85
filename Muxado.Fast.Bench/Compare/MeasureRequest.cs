namespace Muxado.Fast.Bench.Compare;

/// <summary>What the comparison asks of a client process: one line of JSON each way on its standard input and output.</summary>
internal sealed record MeasureRequest(string Workload, double Seconds);
