using System.Diagnostics;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Support;

/// <summary>The SDK's command line as a child process, which is killed with all that it started when time is up.</summary>
internal static class DotnetCommand
{
    /// <summary>The configuration that these tests were built in.</summary>
    public static string Configuration { get; } =
        new DirectoryInfo(TestContext.CurrentContext.TestDirectory).Parent!.Name; // bin/Release/net10.0

    /// <param name="folder">Where it runs.</param>
    /// <param name="environment">Variables to set, beside those of this process.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <param name="arguments">The command.</param>
    public static async Task<Outcome> RunAsync(
        string folder, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // A build node that stays for the next build would keep the pipes open, and so the reading of them.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new Outcome(string.Join(' ', arguments), process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Runs it with this process's variables.</summary>
    public static Task<Outcome> RunAsync(string folder, CancellationToken cancellationToken, params string[] arguments) =>
        RunAsync(folder, new Dictionary<string, string>(), cancellationToken, arguments);

    /// <param name="Command">What was run, without the name of the program.</param>
    /// <param name="ExitCode">0 when it worked.</param>
    /// <param name="Output">All of stdout.</param>
    /// <param name="Errors">All of stderr.</param>
    internal sealed record Outcome(string Command, int ExitCode, string Output, string Errors)
    {
        public void MustHaveWorked() => Assert.That(ExitCode, Is.Zero, ToString());

        public override string ToString() => $"dotnet {Command}: exit code {ExitCode}\n{Output}\n{Errors}";
    }
}
