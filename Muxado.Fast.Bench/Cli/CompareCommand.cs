using System.CommandLine;
using Muxado.Fast.Bench.Compare;
using Muxado.Fast.Bench.Record;
using Spectre.Console;

namespace Muxado.Fast.Bench.Cli;

/// <summary><c>compare</c>: Muxado.Fast against its rivals, in alternation, on this machine.</summary>
internal static class CompareCommand
{
    // A file has no width of its own; the tables are not to be folded in it.
    private const int FileWidth = 200;

    public static Command Create()
    {
        var quick = new Option<bool>("--quick") { Description = "End within 60 s: 5 rounds of short slices, plain TCP as the only rival. For a look, not for a record." };
        var only = OnlyOption();
        var check = new Option<bool>("--check") { Description = "Exit with 1 when a target is missed by more than its tolerance." };
        var json = new Option<FileInfo?>("--json") { Description = "Write all figures, with every round, to a file.", HelpName = "FILE" };
        var record = new RecordOptions();
        var command = new BenchCommand("compare", "Measures Muxado.Fast against its rivals, in alternation, on this machine.", """
            Each arm runs in processes of its own, and all take turns. Prints the targets and the medians, losses as plainly as
            wins. Takes most of an hour without --quick or --only, and says how long at the start. Nothing else should run
            meanwhile. A rival that is not installed is skipped.

            --only takes names of targets (P1 to P14), workloads and arms, separated by commas; they may end with a *. Targets and
            workloads add up; arms restrict them. A workload may be of another size than the recorded ones: matrix-64KiB-x8.

            Examples:
              compare --quick
              compare --only P4,P5
              compare --only churn-*,muxado,nerdbank,http2
              compare --check --json figures.json
              compare --record
              compare --render figures.json --record-to .

            The exit code is 0 when everything could be measured, whether targets were met or missed, and 1 when any
            operation failed. With --check it is also 1 when a target was missed beyond its tolerance, or none was measured.
            """) { quick, only, check, json };
        record.AddTo(command);
        command.SetAction(async parsed =>
        {
            using var stop = new StopSignal();
            if (await record.RenderAsync(parsed) is { } rendered)
                return rendered;
            var planned = await record.PlanAsync(parsed, stop.Token);
            var words = parsed.GetValue(only) ?? [];
            var request = new CompareRequest(parsed.GetValue(quick), words, string.Join(' ', parsed.Tokens.Select(token => token.Value)));
            var figures = await CompareRun.RunAsync(request, stop.Token);
            Print(figures, words);
            if (parsed.GetValue(json) is { } file)
                FiguresFile.Write(file.FullName, figures);
            if (planned is not null)
                await planned.WriteAsync(figures);
            return await ConcludeAsync(figures, parsed.GetValue(check));
        });
        return command;
    }

    private static Option<string[]?> OnlyOption() => new("--only")
    {
        Description = "Measure only what these targets, workloads or arms need.",
        HelpName = "NAMES",
        CustomParser = argument =>
        {
            var words = argument.Tokens[0].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            foreach (var explanation in words.Select(CellSelection.Explain).OfType<string>())
                argument.AddError($"--only: {explanation}");
            if (words.Length == 0)
                argument.AddError("--only needs a name.");
            return words;
        },
    };

    private static void Print(Figures figures, string[] words)
    {
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = FileWidth;
        AnsiConsole.Write(WorkloadTable.Create(figures));
        if (figures.SystemCalls.Count > 0)
            AnsiConsole.Write(SystemCallTable.Create(figures.SystemCalls));

        // The whole run shows what it could not measure; a part shows what it was asked for.
        var whole = !figures.Quick && words.Length == 0;
        var shown = figures.Targets.Where(target =>
            whole || target.Verdict != TargetVerdict.NotMeasured || words.Contains(target.Id, StringComparer.OrdinalIgnoreCase)).ToList();
        AnsiConsole.Write(TargetTable.Create(shown));
        if (shown.Count < figures.Targets.Count)
            AnsiConsole.WriteLine($"Not in this run, in whole or in part: {string.Join(' ', figures.Targets.Except(shown).Select(target => target.Id).Distinct())}");
    }

    private static async Task<int> ConcludeAsync(Figures figures, bool check)
    {
        var errors = figures.Errors.ToList();
        if (check)
        {
            errors.AddRange(figures.Targets.Where(target => target.FailsCheck)
                .Select(target => FormattableString.Invariant(
                    $"{target.Id} missed: {target.Title}: {target.Ratio ?? target.Ours:N2}, wanted {target.Wanted}, tolerance {target.Tolerance:0.#%}")));
            if (figures.Targets.All(target => target.Verdict == TargetVerdict.NotMeasured))
                errors.Add("no target was measured, so none was checked");
        }

        foreach (var error in errors)
            await Console.Error.WriteLineAsync($"error: {error}");
        return errors.Count == 0 ? ExitCode.Ok : ExitCode.Failure;
    }
}
