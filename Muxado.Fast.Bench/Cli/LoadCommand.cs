using System.CommandLine;
using System.CommandLine.Parsing;
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
        var connect = HostPort.Option("--connect", "The server.");
        var mode = new Option<LoadMode>("--mode")
        {
            Description = "churn: short-lived streams (64 B each). rpc: think request and response; the same operation with 1 KiB. "
                + "bulk: 1 MiB each, written in 64 KiB pieces while it is read back.",
            HelpName = "churn|rpc|bulk",
            DefaultValueFactory = _ => LoadMode.Churn,
            CustomParser = ParseMode,
        };
        var concurrency = new Option<int>("--concurrency") { Description = "How many streams at a time.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var count = new Option<long?>("--count") { Description = $"How many operations. [default: {DefaultCount}, without --duration]", HelpName = "N" };
        var duration = new Option<double?>("--duration") { Description = "How long to begin operations; not together with --count.", HelpName = "SECONDS" };
        var size = new Option<long?>("--size") { Description = "Payload of each operation. [default: by mode]", HelpName = "BYTES" };
        var tls = new Option<bool>("--tls") { Description = "Speak TLS and accept any certificate, as the server's is a throw-away one: for benchmarks only." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of a table." };
        RequireRange(concurrency, 1, 1_000_000);
        RequireRange(count, 1, long.MaxValue);
        RequireRange(duration, 0.001, TimeSpan.FromDays(30).TotalSeconds);
        RequireRange(size, 0, MaxSizeBytes);

        var command = new Command("load", """
            Opens N streams at a time at an echo server; each is written, half-closed and read to its FIN, and every byte is
            checked. What is safe to retry is retried and counted; when the session goes away a new one is made, for at
            most 10 s without progress. Operations that failed otherwise are errors, and the load goes on with the rest.

            Examples:
              load --connect 127.0.0.1:7000
              load --connect 127.0.0.1:7000 --mode rpc --concurrency 64 --duration 5 --json
              load --connect 127.0.0.1:7000 --mode bulk --size 33554432 --count 10 --tls

            The exit code is 0 only if there were no errors.
            """) { connect, mode, concurrency, count, duration, size, tls, json };
        command.Validators.Add(result =>
        {
            if (result.GetResult(count) is not null && result.GetResult(duration) is not null)
                result.AddError("--count and --duration exclude each other: give one of them.");
        });
        command.SetAction((parsed, interrupt) =>
        {
            var seconds = parsed.GetValue(duration);
            var plan = new LoadPlan(
                parsed.GetValue(connect),
                parsed.GetValue(tls),
                parsed.GetValue(concurrency),
                parsed.GetValue(size) ?? (long)parsed.GetValue(mode),
                parsed.GetValue(count) ?? (seconds is null ? DefaultCount : null),
                seconds is null ? null : TimeSpan.FromSeconds(seconds.Value));
            return RunAsync(plan, parsed.GetValue(json), interrupt);
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

        if (report.Errors == 0)
            return ExitCode.Ok;
        await Console.Error.WriteLineAsync($"error: {report.Errors} operation(s) failed; the first: {run.Progress.FirstError}");
        return ExitCode.Failure;
    }

    private static LoadMode ParseMode(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        switch (text)
        {
            case "churn": return LoadMode.Churn;
            case "rpc": return LoadMode.Rpc;
            case "bulk": return LoadMode.Bulk;
            default:
                argument.AddError($"'{text}' is not a mode. Choose churn, rpc or bulk.");
                return default;
        }
    }

    private static void RequireRange<T>(Option<T> option, double least, double most) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count == 1 && result.GetValueOrDefault<T>() is IConvertible value
            && value.ToDouble(null) is var number && !(number >= least && number <= most))
        {
            result.AddError($"{option.Name} {result.Tokens[0].Value} is out of range: it must be from {least} to {most}.");
        }
    });
}
