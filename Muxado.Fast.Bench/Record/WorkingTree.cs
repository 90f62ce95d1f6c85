using System.ComponentModel;
using System.Diagnostics;

namespace Muxado.Fast.Bench.Record;

/// <summary>Whether the sources that a program was built from are those of a commit.</summary>
internal static class WorkingTree
{
    public const string Clean = "clean";
    public const string Dirty = "dirty";
    public const string Unknown = "unknown";

    public static async Task<string> DescribeAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["-C", folder, "status", "--porcelain"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var complaint = git.StandardError.ReadToEndAsync(cancellationToken);
            var changes = await git.StandardOutput.ReadToEndAsync(cancellationToken);
            await complaint;
            await git.WaitForExitAsync(cancellationToken);
            return git.ExitCode != 0 ? Unknown : changes.Length == 0 ? Clean : Dirty;
        }
        catch (Win32Exception)
        {
            // There is no git here.
            return Unknown;
        }
    }
}
