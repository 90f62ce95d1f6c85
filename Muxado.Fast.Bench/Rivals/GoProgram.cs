using System.ComponentModel;
using System.Diagnostics;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>Builds the program of the Go arms from its source beside this program, with Debian's tools and libraries and no network.</summary>
internal static class GoProgram
{
    private const string Advice =
        "install the Debian packages golang-go, golang-github-hashicorp-yamux-dev and golang-github-xtaci-smux-dev (apt-get install) and try again";

    private const string DebianLibraries = "/usr/share/gocode";
    private const string SourceFolder = "Go";
    private const string FileName = "muxado-fast-bench-go";

    private static readonly Lazy<Outcome> s_build = new(Run);

    /// <summary>What came of it. The first caller in a process waits for the build, which is quick when nothing has changed.</summary>
    public static Outcome Build => s_build.Value;

    private static Outcome Run()
    {
        if (!OperatingSystem.IsLinux())
            return new(null, "the Go arms are built on Linux only, with Debian's packages of their libraries");
        try
        {
            var cache = CacheFolder();
            var path = Path.Combine(cache, FileName);

            // Other processes may be building too, or running what is there: theirs stays as it is, ours takes its name at the end.
            var unfinished = $"{path}.{Environment.ProcessId}";
            var problem = Compile(cache, unfinished);
            if (problem is not null)
                return new(null, $"{problem}; {Advice}");
            File.Move(unfinished, path, overwrite: true);
            return new(path, null);
        }
        catch (Exception failure) when (failure is Win32Exception or IOException or UnauthorizedAccessException)
        {
            return new(null, $"go cannot be run: {failure.Message}; {Advice}");
        }
    }

    /// <summary>Beside the program, so that cleaning it cleans this too; elsewhere when that folder is not ours to write to.</summary>
    private static string CacheFolder()
    {
        try
        {
            return Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "go-build")).FullName;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"{FileName}-{Environment.UserName}")).FullName;
        }
    }

    /// <summary>Returns what went wrong, in one line, or null.</summary>
    private static string? Compile(string cache, string output)
    {
        var start = new ProcessStartInfo("go", ["build", "-o", output, "."])
        {
            WorkingDirectory = Path.Combine(AppContext.BaseDirectory, SourceFolder),
            RedirectStandardError = true,
        };
        start.Environment["GO111MODULE"] = "off";
        start.Environment["GOFLAGS"] = "";
        start.Environment["GOPATH"] = DebianLibraries;
        start.Environment["GOCACHE"] = Path.Combine(cache, "cache");
        start.Environment["CGO_ENABLED"] = "0";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode == 0)
            return null;
        var first = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();
        return $"go build failed with exit code {process.ExitCode}: {first}";
    }

    /// <summary>The path of the program, or why there is none and what to do.</summary>
    internal sealed record Outcome(string? Path, string? Problem);
}
