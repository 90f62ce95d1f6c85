using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Muxado.Fast.Bench.Cli;

/// <summary>A command with a sentence for the list of commands, and more for its own <c>--help</c>.</summary>
internal sealed class BenchCommand(string name, string summary, string details) : Command(name, summary)
{
    private string Details => details;

    /// <summary>Makes <c>--help</c> end with the details of the command that it was asked for.</summary>
    public static void TeachHelp(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new Teach((SynchronousCommandLineAction)help.Action!);
    }

    private sealed class Teach(SynchronousCommandLineAction usage) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => usage.ClearsParseErrors;

        public override int Invoke(ParseResult parseResult)
        {
            var result = usage.Invoke(parseResult);
            if (parseResult.CommandResult.Command is BenchCommand command)
                parseResult.InvocationConfiguration.Output.WriteLine(command.Details);
            return result;
        }
    }
}
