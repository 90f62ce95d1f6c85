using Muxado.Fast.Tests.Support;
using NuGet.Packaging;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Packaging;

/// <summary>
/// All packages, packed once for the tests of this folder from a copy of the sources. The copy looks like a clone of
/// <see cref="RepositoryUrl"/>, because what a package says of its sources comes from git; and its version is new with every run,
/// so that no cache of packages can stand in for it.
/// </summary>
[SetUpFixture]
public sealed class PackedSources
{
    public const string RepositoryUrl = "https://github.com/example/muxado-fast";
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(4);
    private static DirectoryInfo? s_folder;

    public static string Version { get; } = $"0.0.1-test.{DateTime.UtcNow.Ticks}";

    /// <summary>The folder with the packages: a local feed.</summary>
    public static string Feed => Path.Combine(s_folder!.FullName, "feed");

    /// <summary>The packages' names: every project that does not say that it is none.</summary>
    public static IEnumerable<string> Names =>
        from folder in Directory.EnumerateDirectories(Repository.Root)
        let name = Path.GetFileName(folder)
        let project = Path.Combine(folder, $"{name}.csproj")
        where File.Exists(project) && !File.ReadAllText(project).Contains("<IsPackable>false", StringComparison.Ordinal)
        orderby name
        select name;

    public static PackageArchiveReader Open(string name, string extension = "nupkg") =>
        new(File.OpenRead(Path.Combine(Feed, $"{name}.{Version}.{extension}")));

    [OneTimeSetUp]
    public async Task PackAsync()
    {
        s_folder = Directory.CreateTempSubdirectory("muxado-packages-");
        var sources = s_folder.CreateSubdirectory("sources");
        CopySources(sources.FullName);
        await PretendToBeACloneAsync(sources.FullName);

        using var timeout = new CancellationTokenSource(s_patience);
        foreach (var name in Names)
        {
            var outcome = await DotnetCommand.RunAsync(
                sources.FullName, timeout.Token, "pack", "-c", "Release", $"-p:Version={Version}", "-o", Feed, name);
            outcome.MustHaveWorked();
        }
    }

    [OneTimeTearDown]
    public void Delete() => s_folder?.Delete(recursive: true);

    private static void CopySources(string target)
    {
        foreach (var file in Directory.EnumerateFiles(Repository.Root))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        foreach (var folder in Names.Append("docs"))
            CopyFolder(Path.Combine(Repository.Root, folder), Path.Combine(target, folder));
    }

    private static void CopyFolder(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(source))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        foreach (var folder in Directory.EnumerateDirectories(source).Where(folder => Path.GetFileName(folder) is not ("bin" or "obj")))
            CopyFolder(folder, Path.Combine(target, Path.GetFileName(folder)));
    }

    // As much of a repository as the build reads.
    private static async Task PretendToBeACloneAsync(string folder)
    {
        var git = Directory.CreateDirectory(Path.Combine(folder, ".git"));
        git.CreateSubdirectory("objects");
        git.CreateSubdirectory("refs");
        await File.WriteAllTextAsync(Path.Combine(git.FullName, "HEAD"), Commit + "\n");
        await File.WriteAllTextAsync(
            Path.Combine(git.FullName, "config"),
            $"[core]\n\trepositoryformatversion = 0\n[remote \"origin\"]\n\turl = {RepositoryUrl}.git\n");
    }
}
