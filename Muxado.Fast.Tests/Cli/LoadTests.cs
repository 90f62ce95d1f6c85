using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Cli;

/// <summary>The load generator against the echo server, both as programs drive them.</summary>
public sealed class LoadTests
{
    private static readonly string[] s_jsonNames = ["errors", "mbPerSecond", "operations", "opsPerSecond", "p50Us", "p99Us", "retried"];

    [Test, CancelAfter(60_000)]
    public async Task A_load_is_echoed_completely(
        [Values("churn", "rpc", "bulk")] string mode, [Values] bool tls, CancellationToken cancellationToken)
    {
        var (server, port) = await BenchProcess.ServeAsync(0, tls, cancellationToken);
        await using var _ = server;
        var outcome = await LoadAsync(port, cancellationToken, ["--mode", mode, "--concurrency", "8", "--count", "40", "--json", .. tls ? new[] { "--tls" } : []]);
        using var report = ParseReport(outcome);
        Assert.That(outcome.ExitCode, Is.Zero, outcome.ToString());
        Assert.That(Number(report, "operations"), Is.EqualTo(40));
        Assert.That(Number(report, "errors"), Is.Zero);
        Assert.That(Number(report, "opsPerSecond"), Is.Positive);
        Assert.That(Number(report, "mbPerSecond"), Is.Positive);
        Assert.That(Number(report, "p50Us"), Is.Positive.And.LessThanOrEqualTo(Number(report, "p99Us")));
    }

    // Around the first window of 64 KiB, where writing before reading would begin to deadlock.
    [Test, CancelAfter(60_000)]
    public async Task Any_size_is_echoed([Values(0, 1, 65_535, 65_536, 65_537, 3_000_000)] int size, CancellationToken cancellationToken)
    {
        var (server, port) = await BenchProcess.ServeAsync(0, tls: false, cancellationToken);
        await using var _ = server;
        var outcome = await LoadAsync(port, cancellationToken, "--size", $"{size}", "--concurrency", "4", "--count", "12", "--json");
        using var report = ParseReport(outcome);
        Assert.That(outcome.ExitCode, Is.Zero, outcome.ToString());
        Assert.That(Number(report, "operations"), Is.EqualTo(12));
    }

    [Test, CancelAfter(60_000)]
    public async Task Without_json_a_person_gets_a_table(CancellationToken cancellationToken)
    {
        var (server, port) = await BenchProcess.ServeAsync(0, tls: false, cancellationToken);
        await using var _ = server;
        var outcome = await LoadAsync(port, cancellationToken);
        Assert.That(outcome.ExitCode, Is.Zero, outcome.ToString());
        Assert.That(outcome.Output, Does.Contain("operations per second").And.Contain("1,000"));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_load_with_a_duration_ends_by_itself(CancellationToken cancellationToken)
    {
        var (server, port) = await BenchProcess.ServeAsync(0, tls: false, cancellationToken);
        await using var _ = server;
        var outcome = await LoadAsync(port, cancellationToken, "--duration", "0.5", "--json");
        using var report = ParseReport(outcome);
        Assert.That(outcome.ExitCode, Is.Zero, outcome.ToString());
        Assert.That(Number(report, "operations"), Is.Positive);
    }

    [Test, CancelAfter(8_000)]
    public async Task A_dead_port_is_a_clear_error(CancellationToken cancellationToken)
    {
        int port;
        using (var closed = new TcpListener(IPAddress.Loopback, 0))
        {
            closed.Start();
            port = ((IPEndPoint)closed.LocalEndpoint).Port;
        }

        var outcome = await LoadAsync(port, cancellationToken, "--json");
        Assert.That(outcome.ExitCode, Is.EqualTo(1), outcome.ToString());
        Assert.That(outcome.Errors, Does.Contain($"cannot connect to 127.0.0.1:{port}"));
        Assert.That(outcome.Output, Is.Empty);
    }

    [Test, CancelAfter(40_000)]
    public async Task A_server_that_never_answers_is_given_up(CancellationToken cancellationToken)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var outcome = await LoadAsync(((IPEndPoint)silent.LocalEndpoint).Port, cancellationToken, "--json");
        Assert.That(outcome.ExitCode, Is.EqualTo(1), outcome.ToString());
        Assert.That(outcome.Errors, Does.Contain("no progress for 10 s"));
    }

    [Test, CancelAfter(60_000), Platform(Exclude = "Win", Reason = "There is no SIGTERM to send.")]
    public async Task A_load_survives_a_server_that_is_killed_and_started_again(CancellationToken cancellationToken)
    {
        var (first, port) = await BenchProcess.ServeAsync(0, tls: false, cancellationToken);
        await using var _ = first;
        await using var load = BenchProcess.Start("load", "--connect", $"127.0.0.1:{port}", "--concurrency", "8", "--duration", "1000", "--json");
        await BenchProcess.WaitForClientAsync(port, cancellationToken);
        first.Kill();
        await first.WaitAsync(cancellationToken);

        var (second, _) = await BenchProcess.ServeAsync(port, tls: false, cancellationToken);
        await using var __ = second;
        await BenchProcess.WaitForClientAsync(port, cancellationToken);
        load.Terminate();
        var outcome = await load.WaitAsync(cancellationToken);
        using var report = ParseReport(outcome);
        Assert.That(Number(report, "operations"), Is.Positive);
        Assert.That(Number(report, "errors"), Is.LessThanOrEqualTo(8), "only what was under way may fail");
        Assert.That(outcome.Errors, Does.Contain("interrupted"));
    }

    [Test, CancelAfter(60_000), Platform(Exclude = "Win", Reason = "There is no SIGTERM to send.")]
    public async Task An_interrupted_load_reports_what_it_did(CancellationToken cancellationToken)
    {
        var (server, port) = await BenchProcess.ServeAsync(0, tls: false, cancellationToken);
        await using var _ = server;
        await using var load = BenchProcess.Start("load", "--connect", $"127.0.0.1:{port}", "--duration", "1000", "--json");
        await BenchProcess.WaitForClientAsync(port, cancellationToken);
        load.Terminate();
        var outcome = await load.WaitAsync(cancellationToken);
        using var report = ParseReport(outcome);
        Assert.That(Number(report, "errors"), Is.Zero);
        Assert.That(outcome.ExitCode, Is.EqualTo(1), outcome.ToString());
        Assert.That(outcome.Errors, Does.Contain("interrupted"));
    }

    private static Task<BenchProcess.Outcome> LoadAsync(int port, CancellationToken cancellationToken, params string[] arguments) =>
        BenchProcess.RunAsync(cancellationToken, ["load", "--connect", $"127.0.0.1:{port}", .. arguments]);

    private static JsonDocument ParseReport(BenchProcess.Outcome outcome)
    {
        Assert.That(outcome.Output, Does.StartWith("{"), outcome.ToString());
        var report = JsonDocument.Parse(outcome.Output);
        Assert.That(report.RootElement.EnumerateObject().Select(property => property.Name), Is.EquivalentTo(s_jsonNames));
        return report;
    }

    private static double Number(JsonDocument report, string name) => report.RootElement.GetProperty(name).GetDouble();
}
