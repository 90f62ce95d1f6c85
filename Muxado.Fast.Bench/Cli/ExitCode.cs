namespace Muxado.Fast.Bench.Cli;

/// <summary>What the process returns; programs that drive it rely on these numbers.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failure = 1;
    public const int BadUsage = 2;
}
