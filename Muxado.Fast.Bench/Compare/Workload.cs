using Muxado.Fast.Bench.Rivals;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Compare;

/// <summary>A scenario with its parameters, under the name that travels between the processes.</summary>
internal sealed record Workload(string Name, string Title, Func<Arm, TimeSpan, Task<Measurement>> RunAsync)
{
    public const string Churn1 = "churn-1";
    public const string Churn64 = "churn-64";
    public const string PingPong64 = "ping-pong";
    public const string BulkOneWay = "bulk";

    public static IReadOnlyList<Workload> All { get; } =
    [
        new(Churn1, "open + 64 B + echo + close, 1 at a time", (arm, time) => Churn.RunAsync(arm, 1, time)),
        new(Churn64, "open + 64 B + echo + close, 64 at a time", (arm, time) => Churn.RunAsync(arm, 64, time)),
        new(PingPong64, "64 B ping-pong, 1 at a time", PingPong.RunAsync),
        new(BulkOneWay, "bulk one way, one stream, 64 KiB writes", Bulk.RunAsync),
    ];

    public static Workload Get(string name) => All.First(workload => workload.Name == name);

    // A ping-pong with a connection for each ping is churn, one at a time.
    public bool AppliesTo(string arm) => Name != PingPong64 || arm != TcpPerOperationArm.Name;
}
