using System.CommandLine;
using Muxado.Fast.Bench.Compare;
using Muxado.Fast.Bench.Record;

namespace Muxado.Fast.Bench.Cli;

/// <summary>The options of <c>compare</c> that write a record of a run into a repository.</summary>
internal sealed class RecordOptions
{
    private readonly Option<bool> _record = new("--record")
    {
        Description = "Write tables, plots and all figures to a new folder of perf-results/; renew LATEST.md there and the README.",
    };

    private readonly Option<DirectoryInfo?> _to = new("--record-to")
    {
        Description = "The repository to record in, instead of the one that this program lies in.",
        HelpName = "DIR",
    };

    private readonly Option<FileInfo?> _render = new("--render")
    {
        Description = "Measure nothing: make the tables and plots of a record's figures.json again.",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Add(_record);
        command.Add(_to);
        command.Add(_render);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_to) is not null && result.GetResult(_record) is null && result.GetResult(_render) is null)
                result.AddError("--record-to needs --record or --render.");
            if (result.GetResult(_render) is not null && result.GetResult(_record) is not null)
                result.AddError("--record and --render exclude each other.");
        });
    }

    /// <summary>Renders and tells the exit code, if that is what was asked for; null if there is something to measure.</summary>
    public async Task<int?> RenderAsync(ParseResult parsed)
    {
        if (parsed.GetValue(_render) is not { } file)
            return null;
        await ReportAsync(RunRecord.Render(file, RecordDestination.Open(parsed.GetValue(_to))));
        return ExitCode.Ok;
    }

    /// <summary>Before the run: fails when no record could be written after it. Null when none was asked for.</summary>
    public async Task<PlannedRecord?> PlanAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (!parsed.GetValue(_record))
            return null;
        var destination = RecordDestination.Open(parsed.GetValue(_to));
        var sources = await WorkingTree.DescribeAsync(AppContext.BaseDirectory, Figures.OwnCommit, cancellationToken);
        return new PlannedRecord(destination, sources);
    }

    private static Task ReportAsync(string folder) => Console.Error.WriteLineAsync($"recorded in {folder}");

    /// <summary>A record that is written once there are figures.</summary>
    /// <param name="Destination">Where.</param>
    /// <param name="WorkingTree">What the sources were like before the run.</param>
    internal sealed record PlannedRecord(RecordDestination Destination, string WorkingTree)
    {
        public Task WriteAsync(Figures figures) => ReportAsync(RunRecord.Write(figures with { WorkingTree = WorkingTree }, Destination));
    }
}
