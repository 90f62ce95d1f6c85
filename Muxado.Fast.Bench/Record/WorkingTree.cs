using System.ComponentModel;
using System.Diagnostics;

namespace Muxado.Fast.Bench.Record;

/// <summary>Whether the sources that a program was built from are those of the commit that it names.</summary>
internal static class WorkingTree
{
    public const string Clean = "clean";
    public const string Dirty = "dirty";
    public const string Unknown = "unknown";

    private const string Moved = "another commit is checked out than the one that the program was built from";

    /// <param name="folder">A folder of the repository.</param>
    /// <param name="version">The program's version, which ends with a + and the commit.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<string> DescribeAsync(string folder, string version, CancellationToken cancellationToken)
    {
        var head = await GitAsync(["-C", folder, "rev-parse", "HEAD"], cancellationToken);
        var changes = await GitAsync(["-C", folder, "status", "--porcelain"], cancellationToken);
        if (head is null || changes is null)
            return Unknown;
        if (changes.Length > 0)
            return Dirty;
        return version.EndsWith("+" + head.Trim(), StringComparison.Ordinal) ? Clean : Moved;
    }

    /// <summary>What it prints; null when it fails, as outside of a repository, or is not there.</summary>
    private static async Task<string?> GitAsync(string[] arguments, CancellationToken cancellationToken)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var complaint = git.StandardError.ReadToEndAsync(cancellationToken);
            var answer = await git.StandardOutput.ReadToEndAsync(cancellationToken);
            await complaint;
            await git.WaitForExitAsync(cancellationToken);
            return git.ExitCode == 0 ? answer : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
