namespace Muxado.Fast.Bench.Rivals;

/// <summary>An arm that is written in Go: both halves are the program in this project's folder Go, built on first use.</summary>
internal sealed class GoEntry : ArmEntry
{
    private GoEntry(string name, string title)
        : base(name, title)
    {
    }

    public static ArmEntry Yamux { get; } = new GoEntry("yamux", "yamux (Go)");

    public static ArmEntry Smux { get; } = new GoEntry("smux", "smux (Go)");

    public override string? WhyUnavailable => GoProgram.Build.Problem;

    /// <summary>The program's file. It takes the same arguments as this program's hidden commands.</summary>
    /// <exception cref="Cli.CommandFailedException">It cannot be built here; the message says what to install.</exception>
    public string ProgramPath => GoProgram.Build.Path ?? throw new Cli.CommandFailedException($"the arm {Name} is not available: {WhyUnavailable}");
}
