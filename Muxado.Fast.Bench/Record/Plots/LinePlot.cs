using ScottPlot;
using ScottPlot.TickGenerators;

namespace Muxado.Fast.Bench.Record.Plots;

/// <summary>A line for each arm. The values' scale starts at zero, or is logarithmic where the least could not be told from zero.</summary>
internal static class LinePlot
{
    // Above the greatest value of a scale that starts at zero.
    private const double Headroom = 1.08;

    /// <param name="title">Above the plot.</param>
    /// <param name="xTitle">What the lines' x are.</param>
    /// <param name="yTitle">What their y are, with the unit.</param>
    /// <param name="lines">Positive values only.</param>
    /// <param name="position">Where an x lies along the axis.</param>
    /// <param name="ticks">The x that get a label, with the label.</param>
    public static Plot Create(
        string title,
        string xTitle,
        string yTitle,
        IReadOnlyCollection<PlotLine> lines,
        Func<double, double> position,
        IEnumerable<(double X, string Label)> ticks)
    {
        double[] values = [.. lines.SelectMany(line => line.Points).Select(point => point.Y)];
        var logarithmic = LogAxis.Suits(values);
        var plot = PlotFrame.Create(title, xTitle, logarithmic ? yTitle + " (logarithmic)" : yTitle);

        // What is drawn later lies on top: ours. The legend has it first.
        foreach (var line in lines.OrderByDescending(line => ArmStyle.Order(line.Arm)))
            Add(plot, line, position, logarithmic ? Math.Log10 : value => value);
        SetValueAxis(plot, values, logarithmic);
        SetPositionAxis(plot, [.. lines.SelectMany(line => line.Points).Select(point => position(point.X))], position, [.. ticks]);
        PlotFrame.ShowLegend(plot, lines.OrderBy(line => ArmStyle.Order(line.Arm)).Select(Legend));
        return plot;
    }

    private static void Add(Plot plot, PlotLine line, Func<double, double> position, Func<double, double> height)
    {
        var style = line.Style;
        var scatter = plot.Add.Scatter(
            line.Points.Select(point => position(point.X)).ToArray(), line.Points.Select(point => height(point.Y)).ToArray());
        scatter.Color = style.Color;
        scatter.LineWidth = style.LineWidth;
        scatter.LinePattern = style.Pattern;
        scatter.MarkerShape = style.Marker;
        scatter.MarkerSize = style.MarkerSize;
        scatter.MarkerLineWidth = style.LineWidth;
    }

    private static void SetValueAxis(Plot plot, double[] values, bool logarithmic)
    {
        if (logarithmic)
        {
            LogAxis.Apply(plot.Axes.Left, values.Min(), values.Max());
            return;
        }

        plot.Axes.SetLimitsY(0, values.Max() * Headroom);
        plot.Axes.Left.TickGenerator = new NumericAutomatic { LabelFormatter = Quantity.Number };
    }

    private static void SetPositionAxis(Plot plot, double[] positions, Func<double, double> position, (double X, string Label)[] ticks)
    {
        plot.Axes.Bottom.TickGenerator = new NumericManual(
            [.. ticks.Select(tick => position(tick.X))], [.. ticks.Select(tick => tick.Label)]);
        var margin = Math.Max(0.04 * (positions.Max() - positions.Min()), 0.02);
        plot.Axes.SetLimitsX(positions.Min() - margin, positions.Max() + margin);
    }

    private static LegendItem Legend(PlotLine line) => new()
    {
        LabelText = line.Title,
        LineColor = line.Style.Color,
        LineWidth = line.Style.LineWidth,
        LinePattern = line.Style.Pattern,
        MarkerShape = line.Style.Marker,
        MarkerSize = line.Style.MarkerSize,
        MarkerColor = line.Style.Color,
        MarkerLineWidth = line.Style.LineWidth,
    };
}
