using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;

namespace Muxado.Fast.Bench.Cli;

/// <summary><c>micro</c>: the BenchmarkDotNet benchmarks of this assembly.</summary>
internal static class MicroCommand
{
    /// <summary>For the program that BenchmarkDotNet builds: its own limit is too short for a busy machine, since the analyzers run too.</summary>
    private static readonly TimeSpan s_buildLimit = TimeSpan.FromMinutes(10);

    public static Command Create()
    {
        // Options that are not known here reach the argument too, in their order.
        var arguments = new Argument<string[]>("arguments")
        {
            Description = "Arguments for BenchmarkDotNet.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new BenchCommand("micro", "Runs the micro benchmarks with BenchmarkDotNet, whose arguments these are; without any it asks which.", """
            Examples:
              micro --list flat
              micro --filter *FrameHeader*
              micro --filter * --job short
              micro -- --help

            Run it inside the repository, for BenchmarkDotNet builds a program from the project that it finds there.
            """) { arguments };
        command.SetAction(parsed =>
        {
            var config = ManualConfig.Create(DefaultConfig.Instance).WithBuildTimeout(s_buildLimit);
            var summaries = BenchmarkSwitcher.FromAssembly(typeof(MicroCommand).Assembly).Run(parsed.GetValue(arguments), config);
            return summaries.Any(summary => summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success))
                ? ExitCode.Failure
                : ExitCode.Ok;
        });
        return command;
    }
}
