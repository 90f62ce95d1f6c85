using System.Text.Json;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Cli;

/// <summary>The processes that a comparison starts: each arm carries each workload without a failure, and ends when told.</summary>
public sealed class CompareTests
{
    [Test, CancelAfter(60_000)]
    public async Task Every_arm_carries_every_workload(
        [Values("muxado", "tcp-per-operation", "network-stream")] string arm, CancellationToken cancellationToken)
    {
        await using var server = BenchProcess.Start("arm-server", arm);
        var address = await server.ReadLineAsync(cancellationToken);
        await using var client = BenchProcess.Start("arm-client", arm, address!);
        foreach (var workload in new[] { "churn-1", "churn-64", "ping-pong", "bulk" })
        {
            await client.WriteLineAsync(JsonSerializer.Serialize(new { workload, seconds = 0.1 }));
            var measurement = JsonDocument.Parse((await client.ReadLineAsync(cancellationToken))!).RootElement;
            Assert.That(measurement.GetProperty("errors").GetInt64(), Is.Zero, $"{workload}: {measurement}");
            Assert.That(measurement.GetProperty("operations").GetInt64(), Is.Positive, $"{workload}: {measurement}");
        }

        foreach (var process in new[] { client, server })
        {
            process.CloseInput();
            var outcome = await process.WaitAsync(cancellationToken);
            Assert.That(outcome.ExitCode, Is.Zero, outcome.ToString());
            Assert.That(outcome.Errors, Is.Empty);
        }
    }
}
