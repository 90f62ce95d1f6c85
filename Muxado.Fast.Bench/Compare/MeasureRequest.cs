namespace Muxado.Fast.Bench.Compare;

/// <summary>Asks a client process for a measurement. See <see cref="ArmRole"/>.</summary>
/// <param name="Workload">What to run.</param>
/// <param name="Seconds">For how long.</param>
/// <param name="TellsSlice">Whether the client tells of the slice's begin and end, and waits each time until it is told to go on.</param>
internal sealed record MeasureRequest(string Workload, double Seconds, bool TellsSlice = false);
