using Muxado.Fast.Bench.Cli;
using Muxado.Fast.Bench.Rivals;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Compare;

/// <summary>What the comparison's processes do. Both end when their standard input does, so that none outlives the comparison.</summary>
/// <remarks>
/// The protocol, which programs in other languages speak too, is one line of JSON each way; a null may be left out.
/// <code>
/// server, at its start:  {"echoPort":40001,"sinkPort":40002,"addresses":32}                <see cref="ArmServerAddress"/>
/// to the server:         {"counters":true}                                                  <see cref="CountersRequest"/>
/// its answer:            {"cpuUserSeconds":0.5,"cpuKernelSeconds":1.25,"allocatedBytes":4096,
///                         "gen0Collections":3,"voluntarySwitches":900,...}                  <see cref="ProcessCost"/>, since its start
/// to the client:         {"workload":"churn-64","seconds":2,"tellsSlice":true}              <see cref="MeasureRequest"/>
/// from the client:       {"slice":"begin"}, and later {"slice":"end"}                       <see cref="SliceLine"/>
/// to the client:         each of those, when it may go on
/// its answer:            {"operations":1000,"bytes":64000,"seconds":2.01,"p50Us":40,"p99Us":90,"errors":0,
///                         "latencies":[{"percentile":50,"us":40},...],
///                         "client":{"cpuUserSeconds":0.25,...}}                             <see cref="Measurement"/>
/// </code>
/// The client's own cost is that of the slice. For the server's, the comparison asks when the client tells it that the slice begins
/// and ends; of a client that does not tell, as it was not asked to, has no one slice, or is one of the Go arms, before the request
/// and after the answer. The client gets the server's address line as its last argument. Standard error is for people.
/// </remarks>
internal static class ArmRole
{
    public const string Server = "arm-server";
    public const string Client = "arm-client";

    public static async Task ServeAsync(string arm)
    {
        using var server = ArmServer.Start(arm);
        await Console.Out.WriteLineAsync(JsonLine.Write(server.Address));
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (!JsonLine.Read<CountersRequest>(line).Counters)
                throw new CommandFailedException($"{Server} was asked '{line}', and answers only {JsonLine.Write(new CountersRequest(true))}");
            await Console.Out.WriteLineAsync(JsonLine.Write(ProcessCost.SinceStart()));
        }
    }

    public static async Task MeasureAsync(string arm, ArmServerAddress address)
    {
        await using var rival = Arm.Create(arm, address);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var request = JsonLine.Read<MeasureRequest>(line);
            var workload = Workload.Get(request.Workload);
            Slice.Observer = request.TellsSlice ? SliceLine.Tell : null;
            var before = ProcessCost.SinceStart();
            var measurement = await workload.RunAsync(rival, TimeSpan.FromSeconds(request.Seconds));
            // A scenario of several phases has no one slice: then the whole counts.
            measurement = measurement with { Client = measurement.Client ?? ProcessCost.SinceStart().Since(before) };
            await Console.Out.WriteLineAsync(JsonLine.Write(measurement));
        }
    }
}
