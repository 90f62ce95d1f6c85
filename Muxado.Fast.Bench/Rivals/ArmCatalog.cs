namespace Muxado.Fast.Bench.Rivals;

/// <summary>All that Muxado.Fast can be compared with, and Muxado.Fast itself.</summary>
internal static class ArmCatalog
{
    public static IReadOnlyList<ArmEntry> All { get; } =
    [
        MuxadoArm.Entry,
        TcpPerOperationArm.Entry,
        BlockingArm.Entry,
        PumpArm.Entry,
        PumpArm.PollingEntry,
        NetworkStreamArm.Entry,
        MuxadoTlsArm.Entry,
        TlsPerOperationArm.Entry,
        SslStreamArm.Entry,
        NerdbankArm.Entry,
        Http2Arm.Entry,
        GoEntry.Yamux,
        GoEntry.Smux,
    ];

    /// <summary>All names, whether their arms can run here or not.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(entry => entry.Name)];

    /// <summary>The arm's name in words, for tables and plots; of an arm that is no more, its name.</summary>
    public static string TitleOf(string name) => Find(name)?.Title ?? name;

    public static ArmEntry? Find(string name) => All.FirstOrDefault(entry => entry.Name == name);

    /// <summary>The arm of that name, which must be a part of this program.</summary>
    public static DotNetEntry GetDotNet(string name) =>
        Find(name) as DotNetEntry ?? throw new ArgumentOutOfRangeException(nameof(name), name, "This program has no such arm in itself.");
}
