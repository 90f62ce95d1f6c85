using Muxado.Fast.Bench.Cli;
using Muxado.Fast.Bench.Rivals;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Compare;

/// <summary>A scenario with its parameters, under the name that travels between the processes.</summary>
internal sealed record Workload(string Name, string Title, Func<Arm, TimeSpan, Task<Measurement>> RunAsync)
{
    public const string Churn1 = "churn-1";
    public const string Churn1Apart = "churn-1-apart";
    public const string Churn64 = "churn-64";
    public const string Churn256 = "churn-256";
    public const string PingPong64 = "ping-pong";
    public const string BulkOneWay = "bulk";
    public const string Bulk64 = "bulk-64";

    public static IReadOnlyList<Workload> All { get; } =
    [
        new(Churn1, "open + 64 B + echo + close, 1 at a time", (arm, time) => Churn.RunAsync(arm, 1, time)) { Family = "exchanges" },
        new(Churn1Apart, "the same, server and client on processors of their own", (arm, time) => Churn.RunAsync(arm, 1, time))
        {
            Family = "exchanges",
            SeparatesProcesses = true,
            Arms = [MuxadoArm.Name, NetworkStreamArm.Name, MuxadoTlsArm.Name, SslStreamArm.Name],
        },
        new(Churn64, "open + 64 B + echo + close, 64 at a time", (arm, time) => Churn.RunAsync(arm, 64, time)) { Family = "exchanges" },
        new(Churn256, "open + 64 B + echo + close, 256 at a time", (arm, time) => Churn.RunAsync(arm, 256, time)) { Family = "exchanges" },
        new(PingPong64, "64 B ping-pong, server and client on processors of their own", PingPong.RunAsync) { Family = "exchanges", SeparatesProcesses = true },
        new(BulkOneWay, "bulk one way, one stream, 64 KiB writes", Bulk.RunAsync) { Family = "bulk", IsBulk = true },
        new(Bulk64, "bulk one way, 64 streams at once, 64 KiB writes", (arm, time) => Bulk.RunAsync(arm, 64, time)) { Family = "bulk", IsBulk = true },
        .. NamedWorkloads.All,
    ];

    /// <summary>Workloads of one family share their processes and much of their code, and so their warm-up; by default each is on its own.</summary>
    public string Family { get; init; } = Name;

    /// <summary>Whether bytes a second tell more than operations a second.</summary>
    public bool IsBulk { get; init; }

    /// <summary>The arms that it is measured on; null for all.</summary>
    public IReadOnlyList<string>? Arms { get; init; }

    /// <summary>The most rounds that it is measured in; null for as many as its arm gets.</summary>
    public int? MostRounds { get; init; }

    /// <summary>Whether server and client are kept on processors of their own, because their threads' places decide the result.</summary>
    public bool SeparatesProcesses { get; init; }

    /// <summary>How long it is warmed up where one of its family has run before, zero for not at all; null for the usual time.</summary>
    public TimeSpan? FurtherWarmUp { get; init; }

    /// <summary>How long it runs when it is asked for a slice, where it takes a time of its own; null when it keeps to what it is asked.</summary>
    public TimeSpan? OwnTime { get; init; }

    public static Workload Get(string name) =>
        All.FirstOrDefault(workload => workload.Name == name)
        ?? NamedWorkloads.Parse(name)
        ?? throw new CommandFailedException($"there is no workload '{name}'");

    // A ping-pong with a connection for each ping is churn, one at a time; and polling is for one message at a time.
    public bool AppliesTo(string arm) => arm switch
    {
        PumpArm.PollingName => Name is PingPong64 or Churn1,
        _ when Name == PingPong64 => !arm.EndsWith("-per-operation", StringComparison.Ordinal),
        _ => Arms?.Contains(arm) ?? true,
    };
}
