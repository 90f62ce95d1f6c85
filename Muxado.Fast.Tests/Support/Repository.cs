namespace Muxado.Fast.Tests.Support;

/// <summary>The files that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Every source file of the product, with its path relative to the product's folder.</summary>
    public static IEnumerable<(string Path, string Text)> ProductSources()
    {
        var product = Path.Combine(Root, "Muxado.Fast");
        foreach (var file in Directory.EnumerateFiles(product, "*.cs", SearchOption.AllDirectories))
        {
            var path = Path.GetRelativePath(product, file);
            if (path.Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"))
                yield return (path, File.ReadAllText(file));
        }
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Muxado.Fast.sln")))
            folder = folder.Parent;

        return folder?.FullName ?? throw new DirectoryNotFoundException($"No Muxado.Fast.sln above {AppContext.BaseDirectory}.");
    }
}
