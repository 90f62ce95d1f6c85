namespace Muxado.Fast.Bench.Cli;

/// <summary>What <c>compare</c> was asked for.</summary>
/// <param name="Quick">Whether it must end within a minute.</param>
/// <param name="Only">Names of targets, workloads and arms; empty for all.</param>
/// <param name="Command">The arguments as they were given.</param>
internal sealed record CompareRequest(bool Quick, IReadOnlyCollection<string> Only, string Command);
