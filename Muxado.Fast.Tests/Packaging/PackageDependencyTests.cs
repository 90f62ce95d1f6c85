using NUnit.Framework;

namespace Muxado.Fast.Tests.Packaging;

/// <summary>What else is installed with a package.</summary>
public sealed class PackageDependencyTests
{
    private const string Core = "Muxado.Fast";
    private const string Web = "Muxado.Fast.AspNetCore";

    [TestCaseSource(typeof(PackedSources), nameof(PackedSources.Names))]
    public void What_a_build_uses_stays_with_the_build(string name)
    {
        using var package = PackedSources.Open(name);
        var groups = package.NuspecReader.GetDependencyGroups().ToList();
        Assert.That(groups.Select(group => group.TargetFramework.GetShortFolderName()), Is.EqualTo(new[] { "net10.0" }));
        Assert.That(groups[0].Packages.Select(dependency => dependency.Id), Has.None.Contains("Analyzers"));
    }

    [Test]
    public void The_core_brings_no_web_framework()
    {
        using var package = PackedSources.Open(Core);
        var nuspec = package.NuspecReader;
        Assert.That(nuspec.GetFrameworkRefGroups().SelectMany(group => group.FrameworkReferences), Is.Empty);
        Assert.That(nuspec.GetDependencyGroups().SelectMany(group => group.Packages).Select(dependency => dependency.Id),
            Has.None.StartsWith("Microsoft.AspNetCore"));
    }

    [Test]
    public void The_web_package_brings_the_core_of_its_version_and_the_shared_framework()
    {
        using var package = PackedSources.Open(Web);
        var nuspec = package.NuspecReader;
        Assert.That(nuspec.GetFrameworkRefGroups().SelectMany(group => group.FrameworkReferences).Select(reference => reference.Name),
            Is.EqualTo(new[] { "Microsoft.AspNetCore.App" }));
        var core = nuspec.GetDependencyGroups().Single().Packages.Single(dependency => dependency.Id == Core);
        Assert.That(core.VersionRange.MinVersion?.ToString(), Is.EqualTo(PackedSources.Version));
    }
}
