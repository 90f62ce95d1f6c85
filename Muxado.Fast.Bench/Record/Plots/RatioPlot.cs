using System.Globalization;
using ScottPlot;
using ScottPlot.Hatches;
using ScottPlot.TickGenerators;

namespace Muxado.Fast.Bench.Record.Plots;

/// <summary>For each target a bar from 1 to its ratio, solid when it is met and striped when missed, with a mark at what was wanted.</summary>
internal static class RatioPlot
{
    // Of the axis' length, for the text behind the longest bar.
    private const double TextShare = 0.32;

    private const double BarSize = 0.55;
    private const int PixelsPerBar = 46;
    private const int PixelsAroundBars = 190;

    private static readonly Color s_met = Color.FromHex("#0072B2");
    private static readonly Color s_missed = Color.FromHex("#D55E00");

    public static int HeightFor(int bars) => PixelsAroundBars + (PixelsPerBar * bars);

    public static Plot Create(IReadOnlyList<RatioBar> bars)
    {
        double[] values = [1, .. bars.Select(bar => bar.Ratio), .. bars.Select(bar => bar.Bound)];
        var logarithmic = LogAxis.Suits(values);
        Func<double, double> position = logarithmic ? Math.Log10 : value => value;
        var plot = PlotFrame.Create("Ratios of Muxado.Fast to what it is compared with", Title(logarithmic), "");
        for (var i = 0; i < bars.Count; i++)
            Add(plot, bars[i], bars.Count - 1 - i, position);

        plot.Add.VerticalLine(position(1), 1, Colors.Black);
        plot.Axes.Left.TickGenerator = new NumericManual(
            [.. bars.Select((_, i) => (double)(bars.Count - 1 - i))], [.. bars.Select(bar => InTwoLines(bar.Name))]);
        plot.Axes.Left.MajorTickStyle.Length = 0;
        SetLimits(plot, values, logarithmic, bars.Count);
        plot.HideGrid();
        plot.Grid.XAxisStyle.IsVisible = true;
        PlotFrame.ShowLegend(plot, [
            Legend("met", s_met, hatched: false),
            Legend("missed", s_missed, hatched: true),
            new LegendItem { LabelText = "wanted", LineColor = Colors.Black, LineWidth = 4 }]);
        return plot;
    }

    private static string Title(bool logarithmic) => logarithmic ? "ratio (times, logarithmic scale)" : "ratio (times)";

    private static void Add(Plot plot, RatioBar bar, double row, Func<double, double> position)
    {
        var drawn = new Bar
        {
            Position = row,
            ValueBase = position(1),
            Value = position(bar.Ratio),
            Size = BarSize,
            Orientation = Orientation.Horizontal,
            LineWidth = 1,
            LineColor = Colors.Black,
            FillColor = bar.Met ? s_met : Colors.White,
        };
        if (!bar.Met)
        {
            drawn.FillHatch = new Striped(StripeDirection.DiagonalUp);
            drawn.FillHatchColor = s_missed;
        }

        plot.Add.Bar(drawn);
        var mark = plot.Add.Line(position(bar.Bound), row - (0.8 * BarSize), position(bar.Bound), row + (0.8 * BarSize));
        mark.LineWidth = 4;
        mark.LineColor = Colors.Black;
        mark.MarkerSize = 0;

        // Beyond whatever is drawn in this row.
        var end = Math.Max(1, Math.Max(bar.Ratio, bar.Bound));
        var text = plot.Add.Text(Describe(bar), position(end), row);
        text.LabelFontName = PlotFont.Family;
        text.LabelFontSize = 14;
        text.LabelBold = !bar.Met;
        text.LabelAlignment = Alignment.MiddleLeft;
        text.OffsetX = 8;
    }

    private static string Describe(RatioBar bar) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Quantity.Ratio(bar.Ratio)} {Result(bar)} ({(bar.AtLeast ? "≥" : "≤")} {bar.Bound:0.##}x)");

    private static string Result(RatioBar bar) => bar.Met ? "met" : bar.Aim ? "aim not reached" : "MISSED";

    private static void SetLimits(Plot plot, double[] values, bool logarithmic, int rows)
    {
        var axis = plot.Axes.Bottom;
        if (logarithmic)
        {
            LogAxis.Apply(axis, values.Min(), values.Max(), Quantity.Ratio);
        }
        else
        {
            plot.Axes.SetLimitsX(0, values.Max());
            axis.TickGenerator = new NumericAutomatic { LabelFormatter = Quantity.Ratio };
        }

        axis.Max += (axis.Max - axis.Min) * TextShare / (1 - TextShare);
        plot.Axes.SetLimitsY(-0.7, rows - 0.3);
    }

    private static string InTwoLines(string name)
    {
        var end = name.LastIndexOf(": ", StringComparison.Ordinal);
        return end < 0 ? name : $"{name[..(end + 1)]}\n{name[(end + 2)..]}";
    }

    private static LegendItem Legend(string text, Color color, bool hatched) => new()
    {
        LabelText = text,
        FillColor = hatched ? Colors.White : color,
        FillHatch = hatched ? new Striped(StripeDirection.DiagonalUp) : null,
        FillHatchColor = color,
        OutlineColor = Colors.Black,
        OutlineWidth = 1,
    };
}
