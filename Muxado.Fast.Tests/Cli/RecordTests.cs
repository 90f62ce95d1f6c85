using System.Buffers.Binary;
using System.Xml.Linq;
using Muxado.Fast.Tests.Bench.Record;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Cli;

/// <summary>Records: what is written from a file of figures, and what is said when it cannot be.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class RecordTests
{
    private const string Before = "# A title\r\n\r\nText with an é.\n<!-- perf:begin -->";
    private const string After = "<!-- perf:end -->\nThe rest, without a line's end";
    private const string Readme = Before + "\n| a row of an earlier run |\n" + After;

    private static readonly string[] s_plots = ["ratios", "latency-churn-1", "latency-churn-64", "churn"];
    private static readonly byte[] s_pngSignature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    [Test, CancelAfter(60_000)]
    public async Task A_record_has_pages_figures_and_plots(CancellationToken cancellationToken)
    {
        using var repository = new RecordedRepository(RecordedFigures.Create(), Readme);
        var outcome = await repository.RenderAsync(cancellationToken);
        Assert.That(outcome.ExitCode, Is.Zero, outcome.ToString());
        Assert.That(repository.RecordNames(), Is.EqualTo(new[] { RecordedFigures.FolderName }));

        var folder = Path.Combine(repository.Results, RecordedFigures.FolderName);
        var tables = await File.ReadAllTextAsync(Path.Combine(folder, "tables.md"), cancellationToken);
        AssertContains(
            tables,
            "| P2 | churn, to TCP (`churn-64`) | 583,211/s | 17,822/s | 32.7x | >= 30x | met |",
            "2.87x | >= 4x | **MISSED** |",
            "| - | >= 1,000,000/s | not reached (an aim) |",
            "P7, priority (<= 3): priority over muxado was not run",
            "### the title of churn-1",
            "| Muxado.Fast | 583,211/s | 37.3 MB/s | 107 us | 215 us | 3.21 us | 0 B | 0.125 | 3.75 | 0 |",
            "| Muxado.Fast | 1,600 MB/s | 0.201 us | 0 B | 0.008 | - | 0 |",
            "1 failed, the first: no answer",
            "    compare --record");

        var environment = await File.ReadAllTextAsync(Path.Combine(folder, "environment.md"), cancellationToken);
        AssertContains(environment, RecordedFigures.Commit, "dirty", "`compare --record`", "smux: no Go here");
        AssertContains(environment, "a kernel", "a processor", ".NET 10", "reno", "non-concurrent");

        Assert.That(
            await File.ReadAllTextAsync(Path.Combine(folder, "figures.json"), cancellationToken),
            Is.EqualTo(await File.ReadAllTextAsync(repository.FiguresPath, cancellationToken)));
        var latest = await File.ReadAllTextAsync(Path.Combine(repository.Results, "LATEST.md"), cancellationToken);
        Assert.That(latest, Does.Contain("583,211/s").And.Contain($"({RecordedFigures.FolderName}/plots/churn.svg)"));
        AssertPlots(Path.Combine(folder, "plots"));
    }

    [Test, CancelAfter(60_000)]
    public async Task The_readme_changes_between_its_markers_only(CancellationToken cancellationToken)
    {
        using var repository = new RecordedRepository(RecordedFigures.Create(), Readme);
        var outcome = await repository.RenderAsync(cancellationToken);
        Assert.That(outcome.ExitCode, Is.Zero, outcome.ToString());

        var readme = await File.ReadAllTextAsync(repository.ReadmePath, cancellationToken);
        Assert.That(readme, Does.StartWith(Before).And.EndsWith(After));
        AssertContains(readme, "2026-03-04, commit 0123456 with uncommitted changes", "32.7x", "**MISSED**");
        Assert.That(readme, Does.Contain($"(perf-results/{RecordedFigures.FolderName}/plots/ratios.svg)"));
        Assert.That(readme, Does.Not.Contain("earlier run").And.Not.Contain("| P7 |"));
    }

    [Test, CancelAfter(60_000)]
    public async Task No_record_is_overwritten_but_by_its_own_figures(CancellationToken cancellationToken)
    {
        using var repository = new RecordedRepository(RecordedFigures.Create(), Readme);
        Directory.CreateDirectory(Path.Combine(repository.Results, RecordedFigures.FolderName));
        var own = Path.Combine(repository.Results, RecordedFigures.FolderName, "figures.json");
        foreach (var figures in new[] { null, null, own })
        {
            var outcome = await repository.RenderAsync(cancellationToken, figures);
            Assert.That(outcome.ExitCode, Is.Zero, outcome.ToString());
        }

        Assert.That(repository.RecordNames(), Is.EquivalentTo(new[] { RecordedFigures.FolderName, RecordedFigures.FolderName + "-2" }));
        Assert.That(
            await File.ReadAllTextAsync(Path.Combine(repository.Results, "LATEST.md"), cancellationToken),
            Does.Contain($"({RecordedFigures.FolderName}-2/environment.md)"),
            "an older record that is drawn again is not the latest");
    }

    [TestCase(true)]
    [TestCase(false)]
    [CancelAfter(60_000)]
    public async Task A_readme_without_markers_is_refused_before_anything_is_measured(bool measure)
    {
        using var repository = new RecordedRepository(RecordedFigures.Create(), "# A title\n");
        var cancellationToken = TestContext.CurrentContext.CancellationToken;
        var outcome = measure
            ? await BenchProcess.RunAsync(cancellationToken, "compare", "--record", "--record-to", repository.Root)
            : await repository.RenderAsync(cancellationToken);
        AssertOneError(outcome, $"{repository.ReadmePath} has no <!-- perf:begin -->");
        Assert.That(Directory.Exists(repository.Results), Is.False);
    }

    [Test, CancelAfter(60_000)]
    public async Task Results_that_cannot_be_written_are_one_error(CancellationToken cancellationToken)
    {
        using var repository = new RecordedRepository(RecordedFigures.Create(), Readme);
        await File.WriteAllTextAsync(repository.Results, "a file where the folder should be", cancellationToken);
        AssertOneError(await repository.RenderAsync(cancellationToken), $"cannot write {repository.Results}");
        Assert.That(await File.ReadAllTextAsync(repository.ReadmePath, cancellationToken), Is.EqualTo(Readme));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_folder_without_a_readme_is_one_error(CancellationToken cancellationToken)
    {
        using var repository = new RecordedRepository(RecordedFigures.Create(), readme: null);
        AssertOneError(await repository.RenderAsync(cancellationToken), $"cannot write {repository.ReadmePath}");
    }

    [TestCase("{}", "is not a file of figures")]
    [TestCase("not JSON", "is not a file of figures")]
    [TestCase("null", "has no figures in it")]
    [TestCase(null, "cannot read")]
    [CancelAfter(60_000)]
    public async Task What_are_no_figures_is_one_error(string? text, string explanation)
    {
        using var repository = new RecordedRepository(RecordedFigures.Create(), Readme);
        File.Delete(repository.FiguresPath);
        if (text is not null)
            await File.WriteAllTextAsync(repository.FiguresPath, text);
        var outcome = await repository.RenderAsync(TestContext.CurrentContext.CancellationToken);
        AssertOneError(outcome, explanation);
        Assert.That(outcome.Errors, Does.Contain(repository.FiguresPath));
    }

    private static void AssertContains(string page, params string[] texts)
    {
        foreach (var text in texts)
            Assert.That(page, Does.Contain(text));
    }

    private static void AssertPlots(string folder)
    {
        Assert.That(
            Directory.EnumerateFiles(folder).Select(Path.GetFileName),
            Is.EquivalentTo(s_plots.SelectMany(plot => new[] { plot + ".svg", plot + ".png" })),
            "one for what was measured, none for the rest");
        foreach (var plot in s_plots)
        {
            var svg = XDocument.Load(Path.Combine(folder, plot + ".svg"));
            Assert.That(svg.Root!.Name.LocalName, Is.EqualTo("svg"));
            var texts = svg.Descendants().Count(element => element.Name.LocalName == "text");
            Assert.That(texts, Is.GreaterThan(5), $"{plot}.svg: no font was found");

            ReadOnlySpan<byte> png = File.ReadAllBytes(Path.Combine(folder, plot + ".png"));
            Assert.That(png[..s_pngSignature.Length].ToArray(), Is.EqualTo(s_pngSignature));
            Assert.That(png.Length, Is.InRange(5_000, 500_000), plot);

            // The first chunk: length and type, then width and height.
            Assert.That(BinaryPrimitives.ReadInt32BigEndian(png[16..]), Is.EqualTo(1000), plot);
            Assert.That(BinaryPrimitives.ReadInt32BigEndian(png[20..]), Is.InRange(200, 2000), plot);
        }
    }

    private static void AssertOneError(BenchProcess.Outcome outcome, string explanation)
    {
        Assert.That(outcome.ExitCode, Is.EqualTo(1), outcome.ToString());
        Assert.That(outcome.Errors, Does.StartWith("error: ").And.Contain(explanation));
        Assert.That(outcome.Errors.TrimEnd('\n').Split('\n'), Has.Length.EqualTo(1), outcome.Errors);
        Assert.That(outcome.Output, Is.Empty);
    }
}
