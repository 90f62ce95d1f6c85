using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Samples;

/// <summary>
/// Each program in samples/ runs with one command, against the library as it was built for these tests, and ends with the line
/// that its head promises: <c>// Ends with: TEXT</c>.
/// </summary>
public sealed class SampleTests
{
    private const string Promise = "// Ends with: ";

    private static string Folder => Path.Combine(Repository.Root, "samples");

    private static IEnumerable<string> Names() => Directory.EnumerateFiles(Folder, "*.cs").Select(path => Path.GetFileName(path)).Order();

    [Test]
    public void The_index_has_every_sample_and_no_other()
    {
        var index = File.ReadAllLines(Path.Combine(Folder, "README.md"));
        var listed = index.Where(line => line.StartsWith("| [", StringComparison.Ordinal)).Select(line => line[3..line.IndexOf(']')]);
        Assert.That(listed, Is.EquivalentTo(Names()));
        Assert.That(Names(), Is.Not.Empty);
    }

    [TestCaseSource(nameof(Names)), CancelAfter(120_000)]
    public async Task A_sample_runs_and_ends_with_what_it_promises(string name, CancellationToken cancellationToken)
    {
        var promised = File.ReadLines(Path.Combine(Folder, name)).FirstOrDefault(line => line.StartsWith(Promise, StringComparison.Ordinal));
        Assert.That(promised, Is.Not.Null, $"{name} has no line that begins with '{Promise}'");

        // The library is there: these tests were built with it. Only the sample is compiled.
        var outcome = await DotnetCommand.RunAsync(
            Repository.Root, cancellationToken,
            "run", "-c", DotnetCommand.Configuration, "-p:BuildProjectReferences=false", Path.Combine("samples", name));
        outcome.MustHaveWorked();
        Assert.That(outcome.Output.TrimEnd().Split('\n')[^1], Does.Contain(promised![Promise.Length..]), outcome.ToString());
    }
}
