using System.Globalization;
using Spectre.Console;

namespace Muxado.Fast.Bench.Load;

/// <summary>What a person sees of a load: live progress on a terminal's stderr, a table at the end.</summary>
internal static class LoadDisplay
{
    private static readonly TimeSpan s_refresh = TimeSpan.FromMilliseconds(250);

    public static async Task ShowAsync(LoadPlan plan, LoadRun run, Task running)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (Console.IsErrorRedirected || !console.Profile.Capabilities.Interactive)
            return;

        await console.Status().StartAsync("connecting", async status =>
        {
            while (!running.IsCompleted)
            {
                status.Status(Markup.Escape(Describe(plan, run)));
                await Task.WhenAny(running, Task.Delay(s_refresh));
            }
        });
    }

    public static Table Table(LoadReport report)
    {
        var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumn("").AddColumn(new TableColumn("").RightAligned());
        Row("operations", report.Operations, "N0");
        Row("errors", report.Errors, "N0");
        Row("retried", report.Retried, "N0");
        Row("operations per second", report.OpsPerSecond, "N0");
        Row("p50, us", report.P50Us, "N1");
        Row("p99, us", report.P99Us, "N1");
        Row("MB per second", report.MbPerSecond, "N1");
        return table;

        void Row(string name, double value, string format) =>
            table.AddRow(name, value.ToString(format, CultureInfo.InvariantCulture));
    }

    private static string Describe(LoadPlan plan, LoadRun run)
    {
        var progress = run.Progress;
        var of = plan.Count is { } count ? $"of {count:N0}" : $"in {run.Elapsed.TotalSeconds:N0} of {plan.Duration!.Value.TotalSeconds:N0} s";
        return $"{progress.Operations:N0} operations {of}, {progress.Errors:N0} errors, {progress.Retried:N0} retried";
    }
}
