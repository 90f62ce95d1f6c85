using Muxado.Fast.Bench.Compare;
using Spectre.Console;

namespace Muxado.Fast.Bench.Cli;

/// <summary>From what <c>compare</c> was asked for to its figures, telling a person on standard error how far it is.</summary>
internal static class CompareRun
{
    public static async Task<Figures> RunAsync(CompareRequest request, CancellationToken interrupt)
    {
        var date = DateTimeOffset.UtcNow;
        var selection = request.Only.Count > 0 ? CellSelection.Only(request.Only)
            : request.Quick ? CellSelection.Quick() : CellSelection.Everything();
        var skipped = selection.Skipped.ToList();
        foreach (var reason in skipped)
            await Console.Error.WriteLineAsync($"skipped {reason}");
        if (selection.Cells.Count == 0)
            throw new CommandFailedException("nothing is left to measure: no arm that can run here carries any of those workloads");

        var schedule = new ComparisonSchedule(request.Quick, selection.Cells);
        var traced = request.Quick ? [] : SystemCallCount.Select(selection.Cells);
        var estimate = schedule.Estimate + SystemCallCount.Estimate(traced);
        await Console.Error.WriteLineAsync(FormattableString.Invariant(
            $"{selection.Cells.Count} pairs of workload and arm in {schedule.SlicesInAll} slices: about {estimate.TotalMinutes:N1} minutes"));

        var comparison = new Comparison(schedule);
        await ShowProgressAsync(comparison, interrupt);
        var systemCalls = await SystemCallCount.RunAsync(traced, skipped, interrupt);
        foreach (var reason in skipped.Skip(selection.Skipped.Count))
            await Console.Error.WriteLineAsync($"skipped {reason}");

        var cells = Figures.CollectCells(selection.Cells, comparison);
        var targets = Target.Check(Budgets.Current.Targets, cells, CellSelection.WorkloadNames);
        return new Figures(request.Quick, schedule.Rounds, schedule.Elapsed.TotalSeconds, Machine.Describe(), cells, targets, comparison.Errors)
        {
            Command = request.Command,
            Commit = Figures.OwnCommit,
            Date = date,
            Skipped = skipped,
            SystemCalls = systemCalls,
        };
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
                comparison.Advancing += (step, done) =>
                {
                    task.Description = Markup.Escape(step);
                    task.Value = done;
                    progress.Refresh();
                };
                await comparison.RunAsync(interrupt);
            });
    }
}
