using System.CommandLine;
using System.Text.Json;
using Muxado.Fast.Bench.Load;
using Spectre.Console;

namespace Muxado.Fast.Bench.Cli;

/// <summary><c>load</c>: opens streams at an echo server, checks every byte, and reports rates and latencies.</summary>
internal static class LoadCommand
{
    private const long DefaultCount = 1000;
    private const long MaxSizeBytes = 1L << 40;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    public static Command Create()
    {
        var connect = HostPort.Option("--connect", "The server.", leastPort: 1);
        var mode = new Option<string>("--mode")
        {
            Description = "What an operation is; see below.",
            DefaultValueFactory = _ => "churn",
        }.AcceptOnlyFromAmong("churn", "rpc", "bulk");
        var concurrency = NumberOption.Create("--concurrency", "N", 1, 1_000_000, "How many streams at a time. [default: 1]");
        var count = NumberOption.Create("--count", "N", 1, long.MaxValue, $"How many operations. [default: {DefaultCount}, without --duration]");
        var duration = NumberOption.Create("--duration", "SECONDS", 0.001, TimeSpan.SecondsPerDay, "How long to begin operations; not together with --count.");
        var size = NumberOption.Create("--size", "BYTES", 0, MaxSizeBytes, "Payload of each operation. [default: by mode]");
        var tls = new Option<bool>("--tls") { Description = "Speak TLS and accept any certificate, as the server's is a throw-away one: for benchmarks only." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of a table." };

        var command = new BenchCommand("load", "Opens N streams at a time at an echo server, checks every byte, reports rates and latencies.", """
            Each stream is opened, written, half-closed and read to its FIN. The modes:
              churn  short-lived streams, 64 B each
              rpc    think request and response: the same operation, with 1 KiB
              bulk   1 MiB each, written in 64 KiB pieces while it is read back

            What is safe to retry is retried and counted. When the session goes away a new one is made, for at most 10 s
            without progress. Operations that failed otherwise are errors, and the load goes on with the rest.

            Examples:
              load --connect 127.0.0.1:7000
              load --connect 127.0.0.1:7000 --mode rpc --concurrency 64 --duration 5 --json
              load --connect 127.0.0.1:7000 --mode bulk --size 33554432 --count 10 --tls

            JSON: operations, errors, retried, opsPerSecond, p50Us, p99Us (microseconds), mbPerSecond (10^6 bytes, counted once).
            The exit code is 0 only if there were no errors.
            """) { connect, mode, concurrency, count, duration, size, tls, json };
        command.Validators.Add(result =>
        {
            if (result.GetResult(count) is not null && result.GetResult(duration) is not null)
                result.AddError("--count and --duration exclude each other: give one of them.");
        });
        command.SetAction(async parsed =>
        {
            using var stop = new StopSignal();
            var seconds = parsed.GetValue(duration);
            var plan = new LoadPlan(
                parsed.GetValue(connect),
                parsed.GetValue(tls),
                parsed.GetValue(concurrency) ?? 1,
                parsed.GetValue(size) ?? (long)Enum.Parse<LoadMode>(parsed.GetRequiredValue(mode), ignoreCase: true),
                parsed.GetValue(count) ?? (seconds is null ? DefaultCount : null),
                seconds is null ? null : TimeSpan.FromSeconds(seconds.Value));
            return await RunAsync(plan, parsed.GetValue(json), stop.Token);
        });
        return command;
    }

    private static async Task<int> RunAsync(LoadPlan plan, bool json, CancellationToken interrupt)
    {
        await using var run = new LoadRun(plan);
        var running = run.RunAsync(interrupt);
        await LoadDisplay.ShowAsync(plan, run, running);
        var report = await running;
        if (json)
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(report, s_json));
        else
            AnsiConsole.Write(LoadDisplay.Table(report));

        if (report.Errors > 0)
            await Console.Error.WriteLineAsync($"error: {report.Errors} operation(s) failed; the first: {run.Progress.FirstError}");
        if (interrupt.IsCancellationRequested)
            await Console.Error.WriteLineAsync("error: interrupted before the end");
        return report.Errors > 0 || interrupt.IsCancellationRequested ? ExitCode.Failure : ExitCode.Ok;
    }
}
