using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Cli;

/// <summary>The list of the micro benchmarks, which has the engine's rooms.</summary>
public sealed class MicroTests
{
    private const string Root = "Muxado.Fast.Bench.Micro.";

    [Test, CancelAfter(60_000)]
    public async Task Every_rooms_benchmarks_are_listed(CancellationToken cancellationToken)
    {
        var outcome = await BenchProcess.RunAsync(cancellationToken, "micro", "--list", "flat");
        Assert.That(outcome.ExitCode, Is.Zero, outcome.ToString());

        // Muxado.Fast.Bench.Micro.ROOM.CLASS.METHOD
        var listed = outcome.Output.Split('\n', StringSplitOptions.TrimEntries)
            .Where(line => line.StartsWith(Root, StringComparison.Ordinal))
            .Select(line => line[Root.Length..line.LastIndexOf('.')])
            .Distinct()
            .ToList();
        Assert.That(listed, Is.EquivalentTo(WrittenBenchmarks()), "what is listed, and what lies in the rooms' folders");
        Assert.That(listed.Select(name => name.Split('.')[0]).Distinct(), Is.EquivalentTo(Rooms()), "the engine's rooms");
    }

    /// <summary>ROOM.CLASS of every source file of benchmarks.</summary>
    private static IEnumerable<string> WrittenBenchmarks()
    {
        var micro = Path.Combine(Repository.Root, "Muxado.Fast.Bench", "Micro");
        return Directory.EnumerateFiles(micro, "*Benchmarks.cs", SearchOption.AllDirectories)
            .Select(file => Path.ChangeExtension(Path.GetRelativePath(micro, file), null).Replace(Path.DirectorySeparatorChar, '.'));
    }

    /// <summary>The folders of the product that have sources.</summary>
    private static IEnumerable<string> Rooms() => Repository.ProductSources()
        .Select(source => Path.GetDirectoryName(source.Path)!)
        .Where(folder => folder.Length != 0)
        .Distinct();
}
