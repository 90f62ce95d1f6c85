using ScottPlot;

namespace Muxado.Fast.Bench.Record.Plots;

/// <summary>Writes a plot as SVG, for pages, and as PNG, for where that cannot be shown.</summary>
internal static class PlotFile
{
    // Where a reader's system has no Inter it takes something alike, never a serif face.
    private const string Families = PlotFont.Family + ", Helvetica, Arial, sans-serif";

    public static void Write(Plot plot, string folder, string name, int width, int height)
    {
        var svg = plot.GetSvgXml(width, height)
            .Replace($"font-family=\"{PlotFont.Family}\"", $"font-family=\"{Families}\"", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder, name + ".svg"), svg);
        plot.SavePng(Path.Combine(folder, name + ".png"), width, height);
    }
}
