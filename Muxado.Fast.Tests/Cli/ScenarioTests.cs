using System.Text.Json;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Cli;

/// <summary>The scenarios beyond plain churn, ping-pong and bulk, in small: without a failure, and with the figures that each promises.</summary>
public sealed class ScenarioTests
{
    [Test, CancelAfter(60_000)]
    public async Task Priority_pings_and_bulk_share_a_session(CancellationToken cancellationToken)
    {
        var found = await MeasureAsync("muxado", "priority", 1.2, cancellationToken);
        AssertPositive(
            found, "idleP50Us", "idleP99Us", "priorityP50Us", "priorityP99Us", "bulkAloneMbPerSecond", "bulkBesideMbPerSecond", "bulkKept");
        Assert.That(Extra(found, "idleP50Us"), Is.LessThanOrEqualTo(Extra(found, "idleP99Us")));
        Assert.That(Extra(found, "priorityP50Us"), Is.LessThanOrEqualTo(Extra(found, "priorityP99Us")));
    }

    [Test, CancelAfter(60_000)]
    public async Task Idle_streams_take_memory_at_both_ends(CancellationToken cancellationToken)
    {
        const int count = 2000;
        var found = await MeasureAsync("muxado", "idle-memory-2k", 0.1, cancellationToken);
        Assert.That(Operations(found), Is.EqualTo(2 * count), "so many used, and so many opened only");
        foreach (var name in new[] { "Idle", "Opened" })
        {
            foreach (var end in new[] { "", "Server" })
            {
                // Not a limit for the engine, which has tests of its own: what is outside has not measured streams.
                Assert.That(Extra(found, $"bytesPer{name}Stream{end}"), Is.InRange(64, 2048), $"{found}");
                Assert.That(
                    Extra(found, $"heapBytesOf{count}{name}Streams{end}"), Is.EqualTo(count * Extra(found, $"bytesPer{name}Stream{end}")).Within(1), $"{found}");
                Assert.That(Has(found, $"rssBytesPer{name}Stream{end}"));
                Assert.That(Has(found, $"rssBytesOf{count}{name}Streams{end}"));
            }
        }

        Assert.That(Extra(found, "bytesPerWaitingStream"), Is.GreaterThan(Extra(found, "bytesPerIdleStream")), "a waiting read takes memory");
    }

    [Test, CancelAfter(60_000)]
    public async Task Churn_goes_on_beside_idle_streams([Values(0, 500)] int idle, CancellationToken cancellationToken)
    {
        var found = await MeasureAsync("muxado", $"churn-64-idle-{idle}", 0.2, cancellationToken);
        Assert.That(Extra(found, "idleStreams"), Is.EqualTo(idle));
    }

    [Test, CancelAfter(60_000)]
    public async Task Bulk_fills_a_long_line_no_further_than_it_goes(
        [Values("muxado", "network-stream")] string arm, [Values("delay-line", "delay-line-default")] string workload, CancellationToken cancellationToken)
    {
        var found = await MeasureAsync(arm, workload, 0.1, cancellationToken);
        Assert.That(found.GetProperty("seconds").GetDouble(), Is.GreaterThanOrEqualTo(1.9), "the start-up is not measured, and the rest is not cut short");

        // A tenth more than the line holds: acknowledgements that gathered just before the measured time arrive in it.
        Assert.That(Extra(found, "windowBytes"), Is.Positive.And.LessThan(1.1 * Extra(found, "lineBytes")));
    }

    // One byte more than the largest piece of payload, and sizes on both sides of it.
    [Test, CancelAfter(60_000)]
    public async Task Any_size_is_echoed_on_streams_opened_for_it(
        [Values("muxado", "tcp-per-operation")] string arm,
        [Values("1B-x4", "3KiB-x2", "64KiB-x1", "65537B-x3", "1MiB-x8")] string cell,
        CancellationToken cancellationToken)
    {
        var found = await MeasureAsync(arm, $"matrix-{cell}", 0.1, cancellationToken);
        Assert.That(Operations(found), Is.GreaterThanOrEqualTo(Extra(found, "streams")), "every loop does one at least");
        Assert.That(found.GetProperty("bytes").GetInt64(), Is.EqualTo(Operations(found) * Extra(found, "sizeBytes")));
    }

    [TestCase("matrix-0B-x1")]
    [TestCase("matrix-1B-x0")]
    [TestCase("idle-memory-")]
    [TestCase("nonsense")]
    [CancelAfter(60_000)]
    public async Task A_name_that_is_no_workload_is_told(string workload)
    {
        var cancellationToken = TestContext.CurrentContext.CancellationToken;
        await using var server = BenchProcess.Start("arm-server", "muxado");
        await using var client = BenchProcess.Start("arm-client", "muxado", (await server.ReadLineAsync(cancellationToken))!);
        await client.WriteLineAsync(JsonSerializer.Serialize(new { workload, seconds = 0.1 }));
        var outcome = await client.WaitAsync(cancellationToken);
        Assert.That(outcome.ExitCode, Is.EqualTo(1), outcome.ToString());
        Assert.That(outcome.Errors, Does.Contain($"there is no workload '{workload}'"));
    }

    private static async Task<JsonElement> MeasureAsync(string arm, string workload, double seconds, CancellationToken cancellationToken)
    {
        await using var server = BenchProcess.Start("arm-server", arm);
        var address = await server.ReadLineAsync(cancellationToken);
        await using var client = BenchProcess.Start("arm-client", arm, address!);
        await client.WriteLineAsync(JsonSerializer.Serialize(new { workload, seconds }));
        var line = await client.ReadLineAsync(cancellationToken);
        foreach (var process in new[] { client, server })
        {
            process.CloseInput();
            var outcome = await process.WaitAsync(cancellationToken);
            Assert.That(outcome.ExitCode, Is.Zero, outcome.ToString());
            Assert.That(outcome.Errors, Is.Empty);
        }

        var measurement = JsonDocument.Parse(line!).RootElement;
        Assert.That(measurement.GetProperty("errors").GetInt64(), Is.Zero, $"{measurement}");
        Assert.That(Operations(measurement), Is.Positive, $"{measurement}");
        return measurement;
    }

    private static void AssertPositive(JsonElement measurement, params string[] names)
    {
        foreach (var name in names)
            Assert.That(Extra(measurement, name), Is.Positive, $"{name} in {measurement}");
    }

    private static long Operations(JsonElement measurement) => measurement.GetProperty("operations").GetInt64();

    private static bool Has(JsonElement measurement, string name) => measurement.GetProperty("extra").TryGetProperty(name, out _);

    private static double Extra(JsonElement measurement, string name) => measurement.GetProperty("extra").GetProperty(name).GetDouble();
}
