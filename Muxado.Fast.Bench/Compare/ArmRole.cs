using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Compare;

/// <summary>What the comparison's processes do. Both end when their standard input does, so that none outlives the comparison.</summary>
internal static class ArmRole
{
    public const string Server = "arm-server";
    public const string Client = "arm-client";

    public static async Task ServeAsync(string arm)
    {
        using var server = ArmServer.Start(arm);
        await Console.Out.WriteLineAsync(JsonLine.Write(server.Address));
        await Console.In.ReadToEndAsync();
    }

    public static async Task MeasureAsync(string arm, ArmServerAddress address)
    {
        await using var rival = Arm.Create(arm, address);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var request = JsonLine.Read<MeasureRequest>(line);
            var workload = Workload.Get(request.Workload);
            await Console.Out.WriteLineAsync(JsonLine.Write(await workload.RunAsync(rival, TimeSpan.FromSeconds(request.Seconds))));
        }
    }
}
