using ScottPlot;

namespace Muxado.Fast.Bench.Record.Plots;

/// <summary>What all plots have in common: size, font, white ground, titles, a light grid, the legend below.</summary>
internal static class PlotFrame
{
    public const int Width = 1000;
    public const int Height = 600;

    private const float TitleSize = 20;
    private const float LabelSize = 15;
    private const float TickSize = 14;

    public static Plot Create(string title, string xTitle, string yTitle)
    {
        PlotFont.Use();
        var plot = new Plot();
        plot.FigureBackground.Color = Colors.White;
        plot.Title(title, TitleSize);
        plot.Axes.Title.FullFigureCenter = true;
        plot.XLabel(xTitle, LabelSize);
        plot.YLabel(yTitle, LabelSize);
        foreach (var axis in new IAxis[] { plot.Axes.Bottom, plot.Axes.Left })
        {
            axis.Label.Bold = false;
            axis.TickLabelStyle.FontSize = TickSize;
            axis.TickLabelStyle.FontName = PlotFont.Family;
        }

        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(0.12);
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Axes.Right.MinimumSize = 24;
        return plot;
    }

    /// <summary>Below the plot, where it hides nothing however many arms there are.</summary>
    public static void ShowLegend(Plot plot, IEnumerable<LegendItem> items)
    {
        var legend = plot.ShowLegend(Edge.Bottom).Legend;
        legend.Orientation = Orientation.Horizontal;
        legend.FontSize = TickSize;
        legend.FontName = PlotFont.Family;
        legend.OutlineWidth = 0;
        legend.ShadowColor = Colors.Transparent;
        legend.SymbolWidth = 36;
        legend.ManualItems.AddRange(items);
    }
}
