using System.CommandLine;
using Muxado.Fast.Bench.Fuzz;
using SharpFuzz;

namespace Muxado.Fast.Bench.Cli;

/// <summary><c>fuzz</c>: gives any bytes to the engine, as a fuzzer or a folder of files has them.</summary>
internal static class FuzzCommand
{
    public static Command Create()
    {
        var target = new Argument<string>("target") { Description = "What gets the bytes; see below." }
            .AcceptOnlyFromAmong([.. FuzzTarget.All.Select(each => each.Name)]);
        var replay = new Option<string?>("--replay") { Description = "Run each file of the folder once, and tell which fail.", HelpName = "FOLDER" };
        var command = new BenchCommand("fuzz", "Gives a fuzzer's bytes to the frame decoder or to a session; Fuzz/run has afl++ do so.", """
            The targets:
              frames  the frame decoder
              server  a session that accepted its connection
              client  a session that made its connection, with streams open

            The first byte of an input decides how the rest, which is what the peer sends, is cut, and what else is left to chance. Without
            --replay, one input is taken from the standard input, or any number of them from afl-fuzz, when that has started this program.

            Examples:
              fuzz --replay Muxado.Fast.Bench/Fuzz/corpus/frames frames
              fuzz server < input
            """) { target, replay };
        command.SetAction(parsed =>
        {
            var chosen = FuzzTarget.Find(parsed.GetRequiredValue(target));
            return parsed.GetValue(replay) is { } folder ? Replay(chosen, folder) : RunFuzzer(chosen);
        });
        return command;
    }

    private static int RunFuzzer(FuzzTarget target)
    {
        Fuzzer.Run(stream =>
        {
            using var input = new MemoryStream();
            stream.CopyTo(input);
            target.Run(input.ToArray());
        });
        return ExitCode.Ok;
    }

    private static int Replay(FuzzTarget target, string folder)
    {
        if (!Directory.Exists(folder))
            throw new CommandFailedException($"there is no folder '{folder}'");
        var failures = 0;
        var files = Directory.GetFiles(folder).Order().ToList();
        foreach (var file in files)
        {
            try
            {
                target.Run(File.ReadAllBytes(file));
            }
            catch (Exception failure)
            {
                failures++;
                Console.Error.WriteLine($"error: {file}: {failure}");
            }
        }

        Console.Out.WriteLine($"{files.Count} inputs, {failures} failed");
        return failures == 0 ? ExitCode.Ok : ExitCode.Failure;
    }
}
