using System.CommandLine;
using System.Diagnostics;
using Muxado.Fast.Bench.Compare;
using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Cli;

/// <summary>The hidden commands that <c>compare</c> starts its processes with.</summary>
internal static class ArmCommands
{
    public static Command CreateServer()
    {
        var arm = ArmArgument();
        var command = new Command(ArmRole.Server, "Serves one arm of a comparison until its standard input ends.") { arm };
        command.Hidden = true;
        command.SetAction(parsed => RunAsync(ArmRole.Server, parsed.GetRequiredValue(arm), [], ArmRole.ServeAsync));
        return command;
    }

    public static Command CreateClient()
    {
        var arm = ArmArgument();
        var address = new Argument<string>("address");
        var command = new Command(ArmRole.Client, "Measures one arm of a comparison as its standard input asks.") { arm, address };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var server = parsed.GetRequiredValue(address);
            return RunAsync(
                ArmRole.Client, parsed.GetRequiredValue(arm), [server], name => ArmRole.MeasureAsync(name, JsonLine.Read<ArmServerAddress>(server)));
        });
        return command;
    }

    private static Argument<string> ArmArgument() => new Argument<string>("arm").AcceptOnlyFromAmong([.. ArmCatalog.All.Select(entry => entry.Name)]);

    // An arm with a program of its own is passed on to it, standard input and output included; compare starts that directly.
    private static async Task RunAsync(string command, string arm, string[] arguments, Func<string, Task> runAsync)
    {
        if (ArmCatalog.Find(arm) is not GoEntry foreign)
        {
            await runAsync(arm);
            return;
        }

        using var process = Process.Start(foreign.ProgramPath, [command, arm, .. arguments]);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new CommandFailedException($"the program of the arm {arm} ended with exit code {process.ExitCode}");
    }
}
