using Muxado.Fast.Bench.Cli;

namespace Muxado.Fast.Bench.Load;

/// <summary>What a load does: where to, how much, and for how many operations or how long.</summary>
internal sealed record LoadPlan(HostPort Server, bool Tls, int Concurrency, long SizeBytes, long? Count, TimeSpan? Duration);
