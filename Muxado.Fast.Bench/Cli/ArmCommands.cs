using System.CommandLine;
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
        command.SetAction(parsed => ArmRole.ServeAsync(parsed.GetRequiredValue(arm)));
        return command;
    }

    public static Command CreateClient()
    {
        var arm = ArmArgument();
        var address = new Argument<string>("address");
        var command = new Command(ArmRole.Client, "Measures one arm of a comparison as its standard input asks.") { arm, address };
        command.Hidden = true;
        command.SetAction(parsed => ArmRole.MeasureAsync(
            parsed.GetRequiredValue(arm), JsonLine.Read<ArmServerAddress>(parsed.GetRequiredValue(address))));
        return command;
    }

    private static Argument<string> ArmArgument() => new Argument<string>("arm").AcceptOnlyFromAmong([.. Arm.Names]);
}
