namespace Muxado.Fast.Bench.Rivals;

/// <summary>An arm whose two halves are part of this program, each of which runs in a process of its own.</summary>
internal sealed class DotNetEntry(string name, string title, Func<ArmServer> startServer, Func<ArmServerAddress, Arm> createClient)
    : ArmEntry(name, title)
{
    public override string? WhyUnavailable => null;

    public ArmServer StartServer() => startServer();

    public Arm CreateClient(ArmServerAddress server) => createClient(server);
}
