using Muxado.Fast.Bench.Compare;

namespace Muxado.Fast.Bench.Record;

/// <summary>Writes a run's folder, and renews the pages that speak of the last recorded run.</summary>
internal static class RunRecord
{
    private const string FiguresName = "figures.json";

    /// <summary>Records a run in a folder of its own.</summary>
    /// <returns>The folder.</returns>
    public static string Write(Figures figures, RecordDestination destination)
    {
        var folder = destination.CreateFolder(RunLine.FolderName(figures));
        FiguresFile.Write(Path.Combine(folder, FiguresName), figures);
        Render(figures, destination, folder, isLatest: true);
        return folder;
    }

    /// <summary>Makes the pages and plots of a run again. In its place, when the file is that of a record of this repository.</summary>
    /// <returns>The folder.</returns>
    public static string Render(FileInfo file, RecordDestination destination)
    {
        var figures = FiguresFile.Read(file);
        if (file.Name != FiguresName || file.Directory!.Parent?.FullName != Path.GetFullPath(destination.Results))
            return Write(figures, destination);
        Render(figures, destination, file.Directory.FullName, destination.IsLatest(file.Directory.Name));
        return file.Directory.FullName;
    }

    private static void Render(Figures figures, RecordDestination destination, string folder, bool isLatest)
    {
        var name = Path.GetFileName(folder);
        RecordDestination.Write(Path.Combine(folder, "environment.md"), EnvironmentPage.Create(figures));
        IReadOnlyList<string> plots = [];
        RecordDestination.Writing(folder, () => plots = PlotSet.Write(figures, folder));
        RecordDestination.Write(Path.Combine(folder, "tables.md"), TablesPage.Create(figures, $"Comparison {name}", "", plots));
        if (!isLatest)
            return;
        destination.WriteLatest(TablesPage.Create(figures, "Latest recorded run", $"{name}/", plots));
        destination.RenewReadme(ReadmeSection.Create(figures, $"{RecordDestination.ResultsName}/{name}/", plots));
    }
}
