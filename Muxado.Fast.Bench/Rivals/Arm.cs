using System.Net;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>The client's side of one way to carry the scenarios' exchanges.</summary>
internal abstract class Arm(ArmServerAddress server) : IAsyncDisposable
{
    public static IReadOnlyList<string> Names { get; } = [MuxadoArm.Name, TcpPerOperationArm.Name, NetworkStreamArm.Name];

    public ArmServerAddress Server { get; } = server;

    /// <summary>Whether a stream is opened once and used for many operations, or opened for each.</summary>
    public abstract bool KeepsStreams { get; }

    /// <summary>Whether streams share a connection. When they do not but are kept, each is a connection of its own.</summary>
    public abstract bool Multiplexes { get; }

    public static Arm Create(string name, ArmServerAddress server) => name switch
    {
        MuxadoArm.Name => new MuxadoArm(server),
        TcpPerOperationArm.Name => new TcpPerOperationArm(server),
        NetworkStreamArm.Name => new NetworkStreamArm(server),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such arm."),
    };

    /// <summary>Why the arm cannot run here, in words for the user; null when it can.</summary>
    public static string? WhyUnavailable(string name) => Names.Contains(name) ? null : $"this program has no arm '{name}'";

    public abstract ValueTask<IExchangeLane> OpenLaneAsync();

    public abstract ValueTask<Stream> OpenStreamAsync(IPEndPoint service);

    public abstract ValueTask DisposeAsync();
}
