using System.Globalization;
using Spectre.Console;

namespace Muxado.Fast.Bench.Soak;

/// <summary>What a person sees of a soak: live progress on a terminal's stderr, or a line at each steady point; tables at the end.</summary>
internal static class SoakDisplay
{
    private static readonly TimeSpan s_refresh = TimeSpan.FromMilliseconds(500);

    public static async Task ShowAsync(SoakPlan plan, SoakRun run, Task running)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (Console.IsErrorRedirected || !console.Profile.Capabilities.Interactive)
        {
            run.SteadyPointReached += reading => Console.Error.WriteLine($"{Describe(plan, run)}; {Describe(reading)}");
            return;
        }

        var steady = "";
        run.SteadyPointReached += reading => steady = $"; {Describe(reading)}";
        await console.Status().StartAsync("starting", async status =>
        {
            while (!running.IsCompleted)
            {
                status.Status(Markup.Escape(Describe(plan, run) + steady));
                await Task.WhenAny(running, Task.Delay(s_refresh));
            }
        });
    }

    /// <summary>What was done.</summary>
    public static Table Work(SoakReport report)
    {
        var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumn("").AddColumn(new TableColumn("").RightAligned());
        Row("minutes", report.Elapsed.TotalMinutes, "N1");
        Row("streams", report.Tally.Streams);
        Row("streams met after their opener had left", report.Tally.UnseenStreams);
        Row("streams that were safe to retry", report.Tally.Retried);
        Row("sessions", report.Tally.Sessions);
        Row("MB read and found right", report.Tally.Bytes / 1e6);
        table.AddEmptyRow();
        foreach (var disturbance in Enum.GetValues<Disturbance>())
            Row(NameOf(disturbance), report.Tally.Of(disturbance));
        table.AddEmptyRow();
        Row("problems", report.Problems.Count);
        return table;

        void Row(string name, double value, string format = "N0") => table.AddRow(name, value.ToString(format, CultureInfo.InvariantCulture));
    }

    /// <summary>What the process held, at the first steady point and at the last.</summary>
    public static Table Readings(SoakReport report)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("at a steady point");
        foreach (var column in (string[])["first", "highest", "last", "may grow by"])
            table.AddColumn(new TableColumn(column).RightAligned());
        Row("streams so far", reading => reading.Streams, null);
        Row("managed heap, B", reading => reading.HeapBytes, FlatnessJudge.HeapGrowthBytes);
        Row("open sockets", reading => reading.Sockets, 0);
        Row("file descriptors", reading => reading.Descriptors, 0);
        Row("active timers", reading => reading.Timers, 0);
        Row("threads", reading => reading.Threads, FlatnessJudge.ThreadGrowth);
        Row("rented blocks", reading => reading.Blocks, 0);
        Row("live session sides", reading => reading.Sessions, 0);
        Row("open streams", reading => reading.OpenStreams, 0);
        return table;

        void Row(string name, Func<Reading, long?> read, long? mayGrow) => table.AddRow(
            name, Number(read(report.Readings[0])), Number(report.Readings.Max(read)), Number(read(report.Readings[^1])), mayGrow is null ? "" : Number(mayGrow));
    }

    private static string Describe(SoakPlan plan, SoakRun run)
    {
        var tally = run.Tally;
        var disturbances = Enum.GetValues<Disturbance>().Sum(tally.Of);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Elapsed.TotalSeconds:N0} of {plan.Duration.TotalSeconds:N0} s: {tally.Streams:N0} streams, {tally.Sessions:N0} sessions, {tally.Bytes / 1e6:N0} MB, {disturbances:N0} disturbances, {tally.ProblemCount:N0} problems");
    }

    private static string Describe(Reading reading) => string.Create(
        CultureInfo.InvariantCulture,
        $"steady at {reading.HeapBytes:N0} B of heap, {Number(reading.Sockets)} sockets, {reading.Timers} timers, {reading.Threads} threads, {reading.Blocks} blocks");

    private static string Number(long? value) => value?.ToString("N0", CultureInfo.InvariantCulture) ?? "-";

    private static string NameOf(Disturbance disturbance) => disturbance switch
    {
        Disturbance.CancelOperation => "operations cancelled",
        Disturbance.PassDeadline => "deadlines passed",
        Disturbance.AbortStream => "streams aborted",
        Disturbance.DisposeStream => "streams disposed in the middle",
        Disturbance.CancelOpen => "opens of a pool cancelled",
        Disturbance.CancelDial => "dials cancelled",
        Disturbance.GoAway => "times gone away",
        Disturbance.ShutDownSession => "sessions shut down",
        Disturbance.CloseSession => "sessions closed",
        Disturbance.AbortSession => "sessions aborted",
        Disturbance.ResetConnection => "connections reset",
        Disturbance.ClosePool => "pools closed in use",
        _ => disturbance.ToString(),
    };
}
