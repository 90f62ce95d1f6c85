using System.Net;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>The client's side of one way to carry the scenarios' exchanges.</summary>
internal abstract class Arm(ArmServerAddress server) : IAsyncDisposable
{
    /// <summary>Where the arm's server listens.</summary>
    public ArmServerAddress Server { get; } = server;

    /// <summary>Whether a stream is opened once and used for many operations, or opened for each.</summary>
    public abstract bool KeepsStreams { get; }

    /// <summary>Whether streams share a connection. When they do not but are kept, each is a connection of its own.</summary>
    public abstract bool Multiplexes { get; }

    /// <summary>Why the arm cannot run here, in words for the user; null when it can. May take seconds the first time.</summary>
    public static string? WhyUnavailable(string name) =>
        ArmCatalog.Find(name) is { } entry ? entry.WhyUnavailable : $"this program has no arm '{name}'";

    public static Arm Create(string name, ArmServerAddress server) => ArmCatalog.GetDotNet(name).CreateClient(server);

    public abstract ValueTask<IExchangeLane> OpenLaneAsync();

    public abstract ValueTask<Stream> OpenStreamAsync(IPEndPoint service);

    public abstract ValueTask DisposeAsync();
}
