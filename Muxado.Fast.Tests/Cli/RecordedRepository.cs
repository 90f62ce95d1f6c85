using System.Text;
using Muxado.Fast.Bench.Compare;
using Muxado.Fast.Bench.Record;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Cli;

/// <summary>An empty repository to record in, and figures beside it. Deleted in the end.</summary>
internal sealed class RecordedRepository : IDisposable
{
    private readonly DirectoryInfo _folder =
        Directory.CreateDirectory(Path.Combine(TestContext.CurrentContext.WorkDirectory, $"repository-{Guid.NewGuid():N}"));

    public RecordedRepository(Figures figures, string? readme)
    {
        Directory.CreateDirectory(Root);
        FiguresFile.Write(FiguresPath, figures);
        if (readme is not null)
            File.WriteAllText(ReadmePath, readme, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }

    public string Root => Path.Combine(_folder.FullName, "repository");

    public string FiguresPath => Path.Combine(_folder.FullName, "some-figures.json");

    public string ReadmePath => Path.Combine(Root, "README.md");

    public string Results => Path.Combine(Root, "perf-results");

    public Task<BenchProcess.Outcome> RenderAsync(CancellationToken cancellationToken, string? figures = null) =>
        BenchProcess.RunAsync(cancellationToken, "compare", "--render", figures ?? FiguresPath, "--record-to", Root);

    public IEnumerable<string> RecordNames() => Directory.EnumerateDirectories(Results).Select(path => Path.GetFileName(path)!);

    public void Dispose() => _folder.Delete(recursive: true);
}
