using Muxado.Fast.Bench.Rivals;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Compare;

/// <summary>A fresh server process and a fresh client process of one arm.</summary>
internal sealed class ArmPair : IAsyncDisposable
{
    private static readonly TimeSpan s_answerTime = TimeSpan.FromSeconds(20);

    // Beyond the slice: operations that were under way at its end, of which some arms have many large ones.
    private static readonly TimeSpan s_runOutTime = TimeSpan.FromSeconds(120);

    private readonly ArmProcess _server;
    private readonly ArmProcess _client;

    private ArmPair(string arm, ArmProcess server, ArmProcess client)
    {
        Arm = arm;
        _server = server;
        _client = client;
    }

    public string Arm { get; }

    public int ServerProcessId => _server.Id;

    public int ClientProcessId => _client.Id;

    public static async Task<ArmPair> StartAsync(string arm, CancellationToken cancellationToken)
    {
        var server = new ArmProcess(ArmRole.Server, arm);
        try
        {
            var address = await server.ReadAsync<ArmServerAddress>(s_answerTime, cancellationToken);
            return new ArmPair(arm, server, new ArmProcess(ArmRole.Client, arm, JsonLine.Write(address)));
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async Task<Measurement> MeasureAsync(Workload workload, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var halves = workload.SeparatesProcesses ? new ProcessorHalves(ServerProcessId, ClientProcessId) : null;
        var patience = duration + (workload.OwnTime ?? TimeSpan.Zero) + s_runOutTime;
        var before = await ServerCostAsync(cancellationToken);
        ProcessCost? after = null;
        await _client.WriteAsync(new MeasureRequest(workload.Name, duration.TotalSeconds, TellsSlice: true));
        while (true)
        {
            var line = await _client.ReadLineAsync(patience, cancellationToken);
            var edge = JsonLine.Read<SliceLine>(line);
            if (edge.Slice is null)
                return JsonLine.Read<Measurement>(line) with { Server = (after ?? await ServerCostAsync(cancellationToken)).Since(before) };

            // No operation is under way as long as the client waits for its answer.
            var cost = await ServerCostAsync(cancellationToken);
            if (edge.Slice == SliceLine.Begin)
                before = cost;
            else
                after = cost;
            await _client.WriteAsync(edge);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    private async Task<ProcessCost> ServerCostAsync(CancellationToken cancellationToken)
    {
        await _server.WriteAsync(new CountersRequest(true));
        return await _server.ReadAsync<ProcessCost>(s_answerTime, cancellationToken);
    }
}
