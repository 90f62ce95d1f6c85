using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Packaging;

/// <summary>
/// A package is installed from a local feed into a new project, as a newcomer would, and the first example of its page runs there.
/// What is installed goes to a folder of the test's own; the dependencies come from where they always come from.
/// </summary>
[TestFixtureSource(typeof(PackedSources), nameof(PackedSources.Names))]
public sealed class InstallationTests(string name)
{
    private DirectoryInfo _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("muxado-newcomer-");

    [TearDown]
    public void DeleteFolder() => _folder.Delete(recursive: true);

    [Test, CancelAfter(240_000)]
    public async Task A_new_project_installs_it_and_runs_the_first_example(CancellationToken cancellationToken)
    {
        var project = _folder.CreateSubdirectory("newcomer").FullName;
        await RunAsync("new", "console", "--no-restore");
        await File.WriteAllTextAsync(Path.Combine(project, "nuget.config"), $"""
            <configuration>
              <packageSources>
                <add key="packed" value="{PackedSources.Feed}" />
              </packageSources>
            </configuration>
            """, cancellationToken);
        await RunAsync("add", "package", name, "--version", PackedSources.Version);
        var example = DocumentedExamples.Of($"{name}/README.md").First().Code;
        await File.WriteAllTextAsync(Path.Combine(project, "Program.cs"), example, cancellationToken);

        var run = await RunAsync("run");
        Assert.That(run.Output, Does.Contain("Hello"), run.ToString());
        Assert.That(Directory.Exists(Path.Combine(InstalledTo, name.ToLowerInvariant(), PackedSources.Version)), Is.True);

        async Task<DotnetCommand.Outcome> RunAsync(params string[] arguments)
        {
            var environment = new Dictionary<string, string>
            {
                ["NUGET_PACKAGES"] = InstalledTo,
                ["NUGET_FALLBACK_PACKAGES"] = OrdinaryPackages, // Spares fetching the dependencies again.
            };
            var outcome = await DotnetCommand.RunAsync(project, environment, cancellationToken, arguments);
            outcome.MustHaveWorked();
            return outcome;
        }
    }

    private string InstalledTo => Path.Combine(_folder.FullName, "packages");

    private static string OrdinaryPackages =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
}
