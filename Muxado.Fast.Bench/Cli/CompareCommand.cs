using System.CommandLine;
using System.Text.Json;
using Muxado.Fast.Bench.Compare;
using Spectre.Console;

namespace Muxado.Fast.Bench.Cli;

/// <summary><c>compare</c>: Muxado.Fast against plain TCP, in alternation, on this machine.</summary>
internal static class CompareCommand
{
    // A file has no width of its own; the table is not to be folded in it.
    private const int FileWidth = 160;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create()
    {
        var quick = new Option<bool>("--quick") { Description = "End within 60 s: 5 rounds of short slices. For a look, not for a record." };
        var json = new Option<FileInfo?>("--json") { Description = "Write all figures, with every round, to a file.", HelpName = "FILE" };
        var command = new BenchCommand("compare", "Measures Muxado.Fast against plain TCP, in alternation, on this machine.", """
            The arms are Muxado.Fast, one TCP connection per operation, and a standing TCP connection with NetworkStream, each
            in processes of its own. Prints medians, ratios and this stage's targets, losses as plainly as wins. Takes about
            5 minutes without --quick. Nothing else should run meanwhile.

            Examples:
              compare --quick
              compare --json figures.json

            The exit code is 0 when everything could be measured, whether targets were met or missed, and 1 when any
            operation failed.
            """) { quick, json };
        command.SetAction(async parsed =>
        {
            using var stop = new StopSignal();
            return await RunAsync(parsed.GetValue(quick), parsed.GetValue(json), stop.Token);
        });
        return command;
    }

    private static async Task<int> RunAsync(bool quick, FileInfo? json, CancellationToken interrupt)
    {
        var schedule = ComparisonSchedule.Create(quick);
        var comparison = new Comparison(schedule);
        await ShowProgressAsync(comparison, interrupt);
        var figures = Figures.Collect(comparison, schedule);
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = FileWidth;
        AnsiConsole.Write(ComparisonTable.Create(figures));
        if (json is not null)
            await WriteAsync(json, figures, interrupt);

        foreach (var error in figures.Errors)
            await Console.Error.WriteLineAsync($"error: {error}");
        return figures.Errors.Count == 0 ? ExitCode.Ok : ExitCode.Failure;
    }

    private static async Task ShowProgressAsync(Comparison comparison, CancellationToken interrupt)
    {
        // Redrawn between slices only, and by hand: the machine belongs to what is being measured.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Progress().AutoRefresh(false).AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(async progress =>
            {
                var task = progress.AddTask("starting", maxValue: 1);
                comparison.Advanced += (step, done) =>
                {
                    task.Description = Markup.Escape(step);
                    task.Value = done;
                    progress.Refresh();
                };
                await comparison.RunAsync(interrupt);
            });
    }

    private static async Task WriteAsync(FileInfo file, Figures figures, CancellationToken interrupt)
    {
        try
        {
            await using var stream = file.Create();
            await JsonSerializer.SerializeAsync(stream, figures, s_json, interrupt);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot write {file.FullName}: {failure.Message}", failure);
        }
    }
}
