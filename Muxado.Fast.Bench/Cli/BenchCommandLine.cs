using System.CommandLine;
using System.CommandLine.Invocation;

namespace Muxado.Fast.Bench.Cli;

/// <summary>The root of the command line: parses, reports bad usage, runs the chosen command.</summary>
internal static class BenchCommandLine
{
    private const string Name = "Muxado.Fast.Bench";

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand($"""
            Drives and measures Muxado.Fast, a stream multiplexer. Each command explains itself: {Name} COMMAND --help.

            Examples:
              {Name} serve --listen 127.0.0.1:7000
              {Name} load --connect 127.0.0.1:7000 --concurrency 64 --duration 5
              {Name} soak --minutes 10
              {Name} compare --quick
              {Name} micro --filter *StreamTable*
              {Name} simulate --seeds 100000

            Exit codes: 0 success, 1 failure or failed operations, 2 bad usage.
            """)
        {
            ServeCommand.Create(),
            LoadCommand.Create(),
            SoakCommand.Create(),
            CompareCommand.Create(),
            MicroCommand.Create(),
            SimulateCommand.Create(),
            FuzzCommand.Create(),
            ArmCommands.CreateServer(),
            ArmCommands.CreateClient(),
        };
        BenchCommand.TeachHelp(root);
        var parsed = root.Parse(args);
        if (parsed.Action is ParseErrorAction)
            return ReportBadUsage(parsed);

        try
        {
            // Commands that have something to finish when they are stopped use a StopSignal; the others just end.
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (CommandFailedException failure)
        {
            await Console.Error.WriteLineAsync($"error: {failure.Message}");
            return ExitCode.Failure;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("error: interrupted");
            return ExitCode.Failure;
        }
        catch (Exception defect)
        {
            await Console.Error.WriteLineAsync($"error: unexpected, please report it: {defect}");
            return ExitCode.Failure;
        }
    }

    private static int ReportBadUsage(ParseResult parsed)
    {
        foreach (var error in parsed.Errors)
            Console.Error.WriteLine($"error: {error.Message}");
        var command = parsed.CommandResult.Command;
        Console.Error.WriteLine($"Try '{Name} {(command is RootCommand ? "" : command.Name + " ")}--help'.");
        return ExitCode.BadUsage;
    }
}
