using System.Globalization;
using System.Text;
using Muxado.Fast.Bench.Cli;

namespace Muxado.Fast.Bench.Record;

/// <summary>The files of a repository that a record writes, checked before anything is measured.</summary>
/// <remarks>
/// Owner: the compare command.
/// Threading: one caller at a time.
/// Invariants: nothing is created or changed before <see cref="CreateFolder"/>.
/// </remarks>
internal sealed class RecordDestination
{
    private const string RootMarker = "*.sln";
    public const string ResultsName = "perf-results";

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private RecordDestination(string root) => Root = root;

    public string Root { get; }

    public string Results => Path.Combine(Root, ResultsName);

    private string ReadmePath => Path.Combine(Root, "README.md");

    private string LatestPath => Path.Combine(Results, "LATEST.md");

    /// <summary>Finds the repository, and fails when a record could not be written there.</summary>
    /// <param name="root">The repository; null for the one that this program lies in.</param>
    public static RecordDestination Open(DirectoryInfo? root)
    {
        var destination = new RecordDestination(root?.FullName ?? FindRoot());
        if (!Directory.Exists(destination.Root))
            throw new CommandFailedException($"there is no folder {destination.Root} to write a record to");
        Writing(destination.ReadmePath, () =>
        {
            MarkedSection.Check(File.ReadAllBytes(destination.ReadmePath), destination.ReadmePath);
            File.Open(destination.ReadmePath, FileMode.Open, FileAccess.ReadWrite).Dispose();
        });
        Writing(destination.Results, () =>
        {
            Directory.CreateDirectory(destination.Results);
            var probe = Directory.CreateDirectory(Path.Combine(destination.Results, $".probe-{Guid.NewGuid():N}"));
            probe.Delete();
        });
        return destination;
    }

    /// <summary>A new folder, or an empty one, of that name; with -2, -3 and so on behind it when there is a record in it.</summary>
    public string CreateFolder(string name)
    {
        var folder = Path.Combine(Results, name);
        for (var number = 2; Path.Exists(folder) && !IsEmptyFolder(folder); number++)
            folder = Path.Combine(Results, string.Create(CultureInfo.InvariantCulture, $"{name}-{number}"));
        Writing(folder, () => Directory.CreateDirectory(folder));
        return folder;
    }

    /// <summary>Whether the page of the latest record speaks of that folder.</summary>
    public bool IsLatest(string name) =>
        File.Exists(LatestPath) && File.ReadAllText(LatestPath).Contains($"({name}/", StringComparison.Ordinal);

    public void WriteLatest(string page) => Write(LatestPath, page);

    public void RenewReadme(string table) => Writing(
        ReadmePath, () => File.WriteAllBytes(ReadmePath, MarkedSection.Replace(File.ReadAllBytes(ReadmePath), ReadmePath, table)));

    public static void Write(string path, string text) => Writing(path, () => File.WriteAllText(path, text, s_utf8));

    /// <summary>Turns what the file system refuses into one line that names the place.</summary>
    public static void Writing(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot write {path}: {failure.Message}", failure);
        }
    }

    private static bool IsEmptyFolder(string path) => Directory.Exists(path) && !Directory.EnumerateFileSystemEntries(path).Any();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (folder.EnumerateFiles(RootMarker).Any())
                return folder.FullName;
        }

        throw new CommandFailedException($"no {RootMarker} above {AppContext.BaseDirectory}; name the repository with --record-to");
    }
}
