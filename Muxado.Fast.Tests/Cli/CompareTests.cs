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
        foreach (var workload in new[] { "churn-1", "churn-1-apart", "churn-64", "churn-256", "ping-pong", "bulk", "bulk-64" })
        {
            await client.WriteLineAsync(JsonSerializer.Serialize(new { workload, seconds = 0.1 }));
            var measurement = JsonDocument.Parse((await client.ReadLineAsync(cancellationToken))!).RootElement;
            Assert.That(measurement.GetProperty("errors").GetInt64(), Is.Zero, $"{workload}: {measurement}");
            Assert.That(measurement.GetProperty("operations").GetInt64(), Is.Positive, $"{workload}: {measurement}");
            Assert.That(measurement.GetProperty("latencies").GetArrayLength(), Is.Positive, $"{workload}: {measurement}");
            Assert.That(measurement.GetProperty("client").GetProperty("cpuSeconds").GetDouble(), Is.Positive, $"{workload}: {measurement}");
            if (workload == "bulk-64" && arm == "muxado")
                Assert.That(measurement.GetProperty("extra").GetProperty("jainFairness").GetDouble(), Is.InRange(1.0 / 64, 1), $"{measurement}");
        }

        await server.WriteLineAsync("""{"counters":true}""");
        var cost = JsonDocument.Parse((await server.ReadLineAsync(cancellationToken))!).RootElement;
        Assert.That(cost.GetProperty("cpuSeconds").GetDouble(), Is.Positive, $"{cost}");
        Assert.That(cost.GetProperty("allocatedBytes").GetInt64(), Is.Positive, $"{cost}");

        foreach (var process in new[] { client, server })
        {
            process.CloseInput();
            var outcome = await process.WaitAsync(cancellationToken);
            Assert.That(outcome.ExitCode, Is.Zero, outcome.ToString());
            Assert.That(outcome.Errors, Is.Empty);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_part_is_measured_printed_and_written_to_a_file(CancellationToken cancellationToken)
    {
        var file = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}.json");
        try
        {
            var outcome = await BenchProcess.RunAsync(
                cancellationToken, "compare", "--quick", "--only", "ping-pong,network-stream,muxado", "--json", file);
            Assert.That(outcome.ExitCode, Is.Zero, outcome.ToString());
            Assert.That(outcome.Errors, Does.Contain("2 pairs of workload and arm in 10 slices: about"));
            Assert.That(outcome.Output, Does.Contain("Muxado.Fast").And.Contain("NetworkStream (R2)").And.Contain("P4").And.Contain("Not in this run"));

            using var figures = JsonDocument.Parse(await File.ReadAllTextAsync(file, cancellationToken));
            var cells = figures.RootElement.GetProperty("cells").EnumerateArray().ToList();
            Assert.That(cells.Select(cell => cell.GetProperty("arm").GetString()), Is.EquivalentTo(new[] { "muxado", "network-stream" }));
            foreach (var cell in cells)
            {
                Assert.That(cell.GetProperty("samples").GetArrayLength(), Is.EqualTo(5));
                Assert.That(cell.GetProperty("cpuUsPerOperation").GetDouble(), Is.Positive);
            }

            var verdicts = figures.RootElement.GetProperty("targets").EnumerateArray()
                .Where(target => target.GetProperty("id").GetString() is "P4" or "P9")
                .ToLookup(target => target.GetProperty("id").GetString(), target => target.GetProperty("verdict").GetString());
            Assert.That(verdicts["P4"], Has.Exactly(2).AnyOf("met", "missed", "missed within tolerance").And.Exactly(2).EqualTo("not measured"));
            Assert.That(verdicts["P9"], Is.All.EqualTo("not measured"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_check_that_measured_no_target_fails(CancellationToken cancellationToken)
    {
        var outcome = await BenchProcess.RunAsync(cancellationToken, "compare", "--quick", "--check", "--only", "ping-pong,network-stream");
        Assert.That(outcome.ExitCode, Is.EqualTo(1), outcome.ToString());
        Assert.That(outcome.Errors, Does.Contain("no target was measured"));
    }
}
