using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Muxado.Fast.Bench.Simulation;
using Spectre.Console;

namespace Muxado.Fast.Bench.Cli;

/// <summary><c>simulate</c>: runs two sessions over a link of chance, in virtual time, once for each seed.</summary>
internal static class SimulateCommand
{
    private const long DefaultSeeds = 10_000;
    private static readonly TimeSpan s_refresh = TimeSpan.FromMilliseconds(250);

    public static Command Create()
    {
        var from = NumberOption.Create("--from", "SEED", 0, int.MaxValue, "The first seed. [default: 0]");
        var seeds = NumberOption.Create("--seeds", "N", 1, (long)int.MaxValue, $"How many seeds. [default: {DefaultSeeds}]");
        var threads = NumberOption.Create("--threads", "N", 1, 1024, "How many runs at a time. [default: one for each processor]");

        var command = new BenchCommand("simulate", "Runs two sessions over a link of chance, in virtual time, once for each seed.", """
            A seed decides everything: what two applications do with their streams, how the link between them cuts, delays and loses bytes,
            when timers and the thread pool get their turn. Every run is checked event by event: the content of each stream, the windows
            on the wire, that every operation ends once and for a reason, that every buffer comes back. The same seed makes the same run.

            Examples:
              simulate --seeds 1000000
              simulate --seeds 1 --from 4711

            The first run that fails ends it, with its last events and the command that replays it.
            The exit code is 0 only if none failed.
            """) { from, seeds, threads };
        command.SetAction(async parsed =>
        {
            using var stop = new StopSignal();
            var first = parsed.GetValue(from) ?? 0;
            var count = Math.Min(parsed.GetValue(seeds) ?? DefaultSeeds, (long)int.MaxValue - first + 1);
            return await RunAsync(new Campaign(first, count), parsed.GetValue(threads) ?? Environment.ProcessorCount, stop.Token);
        });
        return command;
    }

    private static async Task<int> RunAsync(Campaign campaign, int threads, CancellationToken stop)
    {
        long unobserved = 0;
        TaskScheduler.UnobservedTaskException += (_, _) => Interlocked.Increment(ref unobserved);
        var clock = Stopwatch.StartNew();
        var running = campaign.RunAsync(threads, stop);
        await ShowAsync(campaign, clock, running);
        await running;

        // A task that failed and that nobody looked at tells so when it is collected.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Console.WriteLine(Describe(campaign, clock.Elapsed));
        if (campaign.Failure is { } failure)
            await Console.Error.WriteLineAsync($"error: {failure}");
        if (unobserved > 0)
            await Console.Error.WriteLineAsync($"error: {unobserved} task(s) failed, and nobody looked at them");
        if (stop.IsCancellationRequested)
            await Console.Error.WriteLineAsync("error: interrupted before the end");
        return campaign.Failure is null && unobserved == 0 && !stop.IsCancellationRequested ? ExitCode.Ok : ExitCode.Failure;
    }

    private static async Task ShowAsync(Campaign campaign, Stopwatch clock, Task running)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (Console.IsErrorRedirected || !console.Profile.Capabilities.Interactive)
            return;
        await console.Status().StartAsync("beginning", async status =>
        {
            while (!running.IsCompleted)
            {
                status.Status(Markup.Escape(Describe(campaign, clock.Elapsed)));
                await Task.WhenAny(running, Task.Delay(s_refresh));
            }
        });
    }

    private static string Describe(Campaign campaign, TimeSpan elapsed)
    {
        var counts = campaign.Counts;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{counts.Done:N0} of {campaign.Seeds:N0} seeds ({counts.Done / elapsed.TotalSeconds:N0} a second), {counts.Fair:N0} of them fair: "
            + $"{counts.Events:N0} events, {counts.Streams:N0} streams, {counts.DataBytes / 1e6:N0} MB, {counts.Elapsed.TotalHours:N1} virtual hours");
    }
}
