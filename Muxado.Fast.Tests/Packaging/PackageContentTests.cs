using System.Buffers.Binary;
using NuGet.Packaging;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Packaging;

/// <summary>What is in the packages, and what they say of themselves.</summary>
[TestFixtureSource(typeof(PackedSources), nameof(PackedSources.Names))]
public sealed class PackageContentTests(string name)
{
    // Of the container itself; they have no meaning for who uses a package.
    private static readonly string[] s_containerFiles = ["_rels/", "package/", "[Content_Types].xml"];

    [Test]
    public void It_has_the_library_its_documentation_and_its_papers_and_nothing_else()
    {
        using var package = PackedSources.Open(name);
        Assert.That(FilesOf(package), Is.EquivalentTo(new[]
        {
            $"{name}.nuspec", "README.md", "CHANGELOG.md", "icon.png", $"lib/net10.0/{name}.dll", $"lib/net10.0/{name}.xml",
        }));
    }

    [Test]
    public void It_says_what_it_is_whose_it_is_and_where_it_comes_from()
    {
        using var package = PackedSources.Open(name);
        var nuspec = package.NuspecReader;
        Assert.Multiple(() =>
        {
            Assert.That(nuspec.GetId(), Is.EqualTo(name));
            Assert.That(nuspec.GetVersion().ToString(), Is.EqualTo(PackedSources.Version));
            Assert.That(nuspec.GetLicenseMetadata()?.LicenseExpression?.ToString(), Is.EqualTo("Apache-2.0"));
            Assert.That(nuspec.GetAuthors(), Is.EqualTo("The Muxado.Fast authors"));
            Assert.That(nuspec.GetDescription(), Has.Length.GreaterThan(50).And.Not.EqualTo("Package Description"));
            Assert.That(nuspec.GetTags(), Does.Contain("muxado"));
            Assert.That(nuspec.GetReleaseNotes(), Does.Contain("CHANGELOG.md"));
            Assert.That(nuspec.GetReadme(), Is.EqualTo("README.md"));
            Assert.That(nuspec.GetIcon(), Is.EqualTo("icon.png"));
            Assert.That(nuspec.GetRepositoryMetadata().Type, Is.EqualTo("git"));
            Assert.That(nuspec.GetRepositoryMetadata().Url, Does.StartWith(PackedSources.RepositoryUrl));
            Assert.That(nuspec.GetRepositoryMetadata().Commit, Is.EqualTo(PackedSources.Commit));
        });
    }

    [Test]
    public void Its_readme_shows_how_to_install_it()
    {
        using var package = PackedSources.Open(name);
        using var readme = new StreamReader(package.GetStream("README.md"));
        Assert.That(readme.ReadToEnd(), Does.StartWith($"# {name}").And.Contain($"dotnet add package {name}\n"));
    }

    [Test]
    public void Its_icon_is_a_picture_of_128_by_128()
    {
        using var package = PackedSources.Open(name);
        using var icon = package.GetStream("icon.png");
        var head = new byte[24];
        icon.ReadExactly(head);
        Assert.That(head.AsSpan(1, 3).SequenceEqual("PNG"u8), Is.True);
        Assert.That(BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(16)), Is.EqualTo(128), "its width");
        Assert.That(BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(20)), Is.EqualTo(128), "its height");
    }

    private static IEnumerable<string> FilesOf(PackageArchiveReader package) =>
        package.GetFiles().Where(file => !s_containerFiles.Any(prefix => file.StartsWith(prefix, StringComparison.Ordinal)));
}
