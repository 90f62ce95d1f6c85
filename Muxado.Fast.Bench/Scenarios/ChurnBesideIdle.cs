using System.Net;
using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>Churn on a session on which many other streams are open and idle: whether what is open costs what is busy anything.</summary>
internal static class ChurnBesideIdle
{
    public static async Task<Measurement> RunAsync(Arm arm, int concurrency, int idleCount, TimeSpan duration)
    {
        await using var idle = await IdleStreams.ConnectAsync((MuxadoArm)arm, used: true, idleCount);
        await idle.GrowAsync(idleCount);

        // Also leaves both ends without garbage, and makes sure that the server is done with the opening.
        await idle.MeasureServerAsync();
        MemoryUse.Measure();

        await using var session = new SessionArm(arm.Server, idle.Session);
        var measurement = await Churn.RunAsync(session, concurrency, duration);
        return measurement with { Extra = new Dictionary<string, double> { ["idleStreams"] = idle.Count } };
    }

    /// <summary>The lanes of one session, which stays its owner's.</summary>
    private sealed class SessionArm(ArmServerAddress server, MuxadoSession session) : Arm(server)
    {
        private static readonly MuxadoStreamOptions s_echo = new() { StreamType = (uint)StreamService.Echo };

        public override bool KeepsStreams => true;

        public override bool Multiplexes => true;

        public override ValueTask<IExchangeLane> OpenLaneAsync() => new(new MuxadoArm.Lane(session, s_echo));

        public override ValueTask<Stream> OpenStreamAsync(IPEndPoint service) => throw new NotSupportedException("Only lanes are shared.");

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
