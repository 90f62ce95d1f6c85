using Muxado.Fast.Bench.Rivals;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Compare;

/// <summary>A fresh server process and a fresh client process of one arm.</summary>
internal sealed class ArmPair : IAsyncDisposable
{
    private readonly ArmProcess _server;
    private readonly ArmProcess _client;

    private ArmPair(string arm, ArmProcess server, ArmProcess client)
    {
        Arm = arm;
        _server = server;
        _client = client;
    }

    public string Arm { get; }

    public static async Task<ArmPair> StartAsync(string arm, CancellationToken cancellationToken)
    {
        var server = new ArmProcess(ArmRole.Server, arm);
        try
        {
            var address = await server.ReadAsync<ArmServerAddress>(cancellationToken);
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
        await _client.WriteAsync(new MeasureRequest(workload.Name, duration.TotalSeconds));
        return await _client.ReadAsync<Measurement>(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }
}
