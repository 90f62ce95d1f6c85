using System.Diagnostics;
using System.Text.Json;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Cli;

/// <summary>What Muxado.Fast is compared with: every arm carries the workloads that it is measured with, every byte checked.</summary>
public sealed class ArmTests
{
    private const double SliceSeconds = 0.3;

    [TestCase("blocking", "churn-1", "churn-64", "ping-pong", "bulk")]
    [TestCase("pump-polling", "churn-1", "ping-pong")]
    [TestCase("pump", "churn-1", "churn-64", "ping-pong", "bulk")]
    [TestCase("muxado-tls", "churn-1", "churn-64", "ping-pong", "bulk")]
    [TestCase("ssl-stream", "churn-1", "churn-64", "ping-pong", "bulk")]
    [TestCase("tls-per-operation", "churn-1", "churn-64", "bulk")]
    [TestCase("nerdbank", "churn-1", "churn-64", "ping-pong", "bulk")]
    [TestCase("http2", "churn-1", "churn-64", "ping-pong", "bulk")]
    [CancelAfter(60_000)]
    public async Task Arm_carries_its_workloads(string arm, params string[] workloads)
    {
        var cancellationToken = TestContext.CurrentContext.CancellationToken;
        await using var server = BenchProcess.Start("arm-server", arm);
        var address = await server.ReadLineAsync(cancellationToken)
            ?? throw new AssertionException($"{await server.WaitAsync(cancellationToken)}");
        await CarryAsync(server, address, arm, workloads, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task Client_that_is_asked_to_tells_of_the_slice_and_waits_each_time(CancellationToken cancellationToken)
    {
        await using var server = BenchProcess.Start("arm-server", "muxado");
        await using var client = BenchProcess.Start("arm-client", "muxado", (await server.ReadLineAsync(cancellationToken))!);
        await client.WriteLineAsync(JsonSerializer.Serialize(new { workload = "churn-64", seconds = SliceSeconds, tellsSlice = true }));
        foreach (var edge in new[] { "begin", "end" })
        {
            var line = await client.ReadLineAsync(cancellationToken);
            Assert.That(line, Is.EqualTo(JsonSerializer.Serialize(new { slice = edge })));
            await client.WriteLineAsync(line!);
        }

        Assert.That(await client.ReadLineAsync(cancellationToken), Does.StartWith("{\"operations\":"));
    }

    [TestCase("yamux")]
    [TestCase("smux")]
    [CancelAfter(120_000)]
    public async Task Go_arm_carries_its_workloads_where_it_can_be_built(string arm)
    {
        var cancellationToken = TestContext.CurrentContext.CancellationToken;
        await using var server = BenchProcess.Start("arm-server", arm);
        var address = await server.ReadLineAsync(cancellationToken);
        if (address is null)
        {
            var outcome = await server.WaitAsync(cancellationToken);
            Assert.That(outcome.Errors, Does.StartWith($"error: the arm {arm} is not available: ").And.Contain("Debian"));
            Assert.Ignore(outcome.Errors);
        }

        await CarryAsync(server, address!, arm, ["churn-1", "churn-64", "churn-256", "ping-pong", "bulk", "bulk-64"], cancellationToken);
    }

    [TestCase("yamux")]
    [TestCase("smux")]
    [CancelAfter(120_000)]
    public async Task Go_server_tells_what_it_has_used(string arm)
    {
        var cancellationToken = TestContext.CurrentContext.CancellationToken;
        await using var server = BenchProcess.Start("arm-server", arm);
        Assume.That(await server.ReadLineAsync(cancellationToken), Is.Not.Null, "the Go arms cannot be built here");
        await server.WriteLineAsync(JsonSerializer.Serialize(new { counters = true }));
        var cost = JsonDocument.Parse((await server.ReadLineAsync(cancellationToken))!).RootElement;
        Assert.That(cost.GetProperty("cpuUserSeconds").GetDouble() + cost.GetProperty("cpuKernelSeconds").GetDouble(), Is.Positive);
        foreach (var name in new[] { "allocatedBytes", "gen0Collections", "voluntarySwitches", "involuntarySwitches" })
            Assert.That(cost.GetProperty(name).GetInt64(), Is.Not.Negative, name);
    }

    [Test, CancelAfter(120_000)]
    public async Task Go_arms_pass_their_own_tests(CancellationToken cancellationToken)
    {
        Assume.That(Directory.Exists("/usr/share/gocode/src/github.com/xtaci/smux"), "Debian's Go packages are not installed");
        var start = new ProcessStartInfo("go", ["test", "."])
        {
            WorkingDirectory = Path.Combine(Path.GetDirectoryName(BenchProcess.ProgramPath())!, "Go"),
            RedirectStandardOutput = true,
        };
        start.Environment["GO111MODULE"] = "off";
        start.Environment["GOPATH"] = "/usr/share/gocode";
        start.Environment["CGO_ENABLED"] = "0";
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        Assert.That(process.ExitCode, Is.Zero, output);
    }

    [Test, CancelAfter(60_000)]
    public async Task Client_over_tls_refuses_another_certificate_than_the_servers(CancellationToken cancellationToken)
    {
        await using var server = BenchProcess.Start("arm-server", "ssl-stream");
        var address = JsonSerializer.Deserialize<Dictionary<string, object>>((await server.ReadLineAsync(cancellationToken))!)!;
        address["certificateSha256"] = new string('0', 64);

        await using var client = BenchProcess.Start("arm-client", "ssl-stream", JsonSerializer.Serialize(address));
        await client.WriteLineAsync(JsonSerializer.Serialize(new { workload = "ping-pong", seconds = SliceSeconds }));
        var outcome = await client.WaitAsync(cancellationToken);
        Assert.That(outcome.ExitCode, Is.Not.Zero);
        Assert.That(outcome.Errors, Does.Contain("AuthenticationException"));
    }

    private static async Task CarryAsync(
        BenchProcess server, string address, string arm, string[] workloads, CancellationToken cancellationToken)
    {
        await using var client = BenchProcess.Start("arm-client", arm, address);
        foreach (var workload in workloads)
        {
            await client.WriteLineAsync(JsonSerializer.Serialize(new { workload, seconds = SliceSeconds }));
            var line = await client.ReadLineAsync(cancellationToken)
                ?? throw new AssertionException($"{workload}: {await client.WaitAsync(cancellationToken)}");
            var measurement = JsonDocument.Parse(line).RootElement;
            Assert.That(measurement.GetProperty("errors").GetInt64(), Is.Zero, $"{workload}: {line}");
            Assert.That(measurement.GetProperty("operations").GetInt64(), Is.Positive, $"{workload}: {line}");
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
