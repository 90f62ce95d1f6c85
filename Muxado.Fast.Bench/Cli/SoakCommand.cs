using System.CommandLine;
using Muxado.Fast.Bench.Soak;
using Spectre.Console;

namespace Muxado.Fast.Bench.Cli;

/// <summary><c>soak</c>: streams and sessions live and die at random for a long time; everything is checked, and nothing may be left behind.</summary>
internal static class SoakCommand
{
    private const double DefaultMinutes = 10;
    private const int DefaultSessions = 16;

    public static Command Create()
    {
        var minutes = NumberOption.Create("--minutes", "N", 0.05, 60 * 24 * 30, $"How long. [default: {DefaultMinutes}]");
        var seed = NumberOption.Create("--seed", "S", 0, int.MaxValue, "What is left to chance follows from it, except what threads and timers do. [default: a new one]");
        var sessions = NumberOption.Create("--sessions", "K", 4, 1_000, $"How many sessions at a time, about. [default: {DefaultSessions}]");
        var command = new BenchCommand("soak", "Lets streams and sessions live and die at random, checks every byte and failure, and looks for leaks.", """
            Both sides run in this process, over loopback, TCP and TLS mixed. A quarter of the sessions last to the end, a
            quarter belong to pools, and the rest are ended and dialled again and again: shut down, closed, aborted, reset.
            Streams of both sides are read and written in every way there is, while operations are cancelled, deadlines
            pass, and streams are aborted and disposed. Every byte read must be one that was written, in order, and the
            end must come exactly if it was said; every failure must have a reason in what was done. An operation that
            takes longer than 60 s is a hang.

            The work stops now and then, for a steady point: all idle, streams closed, garbage collected. The last must
            hold no more than the first: sockets, file descriptors, timers, rented blocks, live sessions and open streams
            as many, the managed heap within 1 MiB, the threads within 32. The engine's pools are filled beforehand.
            At the end all sessions end, and nothing of them may be left.

            Examples:
              soak --minutes 10
              soak --minutes 480 --sessions 64
              soak --minutes 1 --seed 4711

            The exit code is 0 if everything was right and flat. With a terminal it shows how far it is; otherwise it prints a
            line on stderr at each steady point.
            """) { minutes, seed, sessions };
        command.SetAction(async parsed =>
        {
            using var stop = new StopSignal();
            var plan = new SoakPlan(
                TimeSpan.FromMinutes(parsed.GetValue(minutes) ?? DefaultMinutes),
                parsed.GetValue(seed) ?? Random.Shared.Next(),
                parsed.GetValue(sessions) ?? DefaultSessions);
            return await RunAsync(plan, stop.Token);
        });
        return command;
    }

    private static async Task<int> RunAsync(SoakPlan plan, CancellationToken interrupt)
    {
        await Console.Error.WriteLineAsync($"seed {plan.Seed}");
        await using var run = new SoakRun(plan);
        var running = run.RunAsync(interrupt);
        await SoakDisplay.ShowAsync(plan, run, running);
        var report = await running;
        AnsiConsole.Write(SoakDisplay.Work(report));
        if (report.Readings.Count > 0)
            AnsiConsole.Write(SoakDisplay.Readings(report));

        foreach (var problem in report.Problems)
            await Console.Error.WriteLineAsync($"error: {problem}");
        if (report.IsInterrupted)
            await Console.Error.WriteLineAsync("error: interrupted before the end");
        return report.Problems.Count > 0 || report.IsInterrupted ? ExitCode.Failure : ExitCode.Ok;
    }
}
