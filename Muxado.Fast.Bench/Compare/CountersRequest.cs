namespace Muxado.Fast.Bench.Compare;

/// <summary>Asks a server process for what it has used since it started. See <see cref="ArmRole"/>.</summary>
internal sealed record CountersRequest(bool Counters);
