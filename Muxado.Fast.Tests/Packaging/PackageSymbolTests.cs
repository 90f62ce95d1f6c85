using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Packaging;

/// <summary>A debugger that has a package finds its symbols, and with them the sources of the very commit.</summary>
[TestFixtureSource(typeof(PackedSources), nameof(PackedSources.Names))]
public sealed class PackageSymbolTests(string name)
{
    private static readonly Guid s_sourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");
    private static readonly Guid s_embeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    [Test]
    public void The_symbols_are_those_of_the_library()
    {
        using var library = new PEReader(Extract("nupkg", "dll"));
        using var symbols = MetadataReaderProvider.FromPortablePdbStream(Extract("snupkg", "pdb"));
        var entry = library.ReadDebugDirectory().Single(entry => entry.Type == DebugDirectoryEntryType.CodeView);
        var id = new BlobContentId(symbols.GetMetadataReader().DebugMetadataHeader!.Id);
        Assert.That(id.Guid, Is.EqualTo(library.ReadCodeViewDebugDirectoryData(entry).Guid));
    }

    [Test]
    public void Each_source_file_has_an_address_in_the_repository_or_is_embedded()
    {
        using var symbols = MetadataReaderProvider.FromPortablePdbStream(Extract("snupkg", "pdb"));
        var reader = symbols.GetMetadataReader();
        using var map = JsonDocument.Parse(Blobs(reader, Handle.ModuleDefinition, s_sourceLink).Single());
        var (root, address) = map.RootElement.GetProperty("documents").EnumerateObject()
            .Select(entry => (entry.Name.TrimEnd('*'), entry.Value.GetString()!)).Single();

        Assert.That(address, Does.Contain("example/muxado-fast").And.Contain(PackedSources.Commit).And.EndsWith("*"));
        Assert.That(root, Is.EqualTo("/_/"), "where it was built is nobody's business");
        foreach (var handle in reader.Documents)
        {
            var file = reader.GetString(reader.GetDocument(handle).Name);
            Assert.That(file, Does.StartWith(root));
            Assert.That(
                !file.Contains("/obj/", StringComparison.Ordinal) || Blobs(reader, handle, s_embeddedSource).Any(),
                $"{file} is generated, and is not embedded");
        }
    }

    private static IEnumerable<byte[]> Blobs(MetadataReader reader, EntityHandle owner, Guid kind) =>
        from handle in reader.GetCustomDebugInformation(owner)
        let information = reader.GetCustomDebugInformation(handle)
        where reader.GetGuid(information.Kind) == kind
        select reader.GetBlobBytes(information.Value);

    private MemoryStream Extract(string package, string extension)
    {
        using var reader = PackedSources.Open(name, package);
        using var file = reader.GetStream($"lib/net10.0/{name}.{extension}");
        var copy = new MemoryStream();
        file.CopyTo(copy);
        copy.Position = 0;
        return copy;
    }
}
