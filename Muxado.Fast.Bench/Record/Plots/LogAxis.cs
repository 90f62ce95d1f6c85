using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Muxado.Fast.Bench.Record.Plots;

/// <summary>An axis whose positions are decimal logarithms: the plot is given logarithms, its labels tell the numbers.</summary>
internal static class LogAxis
{
    // From here on what belongs to the least value could hardly be seen on a linear scale beside the greatest.
    private const double LeastSpread = 8;

    // Within fewer decades than this, labels between the powers of ten are needed to read anything off.
    private const double DecadesWithoutSteps = 2.5;

    private static readonly int[] s_steps = [2, 5];

    /// <summary>Whether positive values are better read off a logarithmic axis.</summary>
    public static bool Suits(IReadOnlyCollection<double> values) => values.Max() / values.Min() > LeastSpread;

    /// <summary>From a little below the least to a little above the greatest value, with a label at least every decade.</summary>
    public static void Apply(IAxis axis, double least, double greatest, Func<double, string>? label = null)
    {
        label ??= Label;
        var low = Math.Log10(least);
        var high = Math.Log10(greatest);
        var margin = Math.Max(0.06 * (high - low), 0.04);
        (axis.Min, axis.Max) = (low - margin, high + margin);

        var ticks = new NumericManual();
        for (var decade = (int)Math.Floor(axis.Min); decade <= Math.Ceiling(axis.Max); decade++)
        {
            for (var digit = 1; digit < 10; digit++)
            {
                var value = digit * Math.Pow(10, decade);
                var position = Math.Log10(value);
                if (position < axis.Min || position > axis.Max)
                    continue;
                if (digit == 1 || (high - low < DecadesWithoutSteps && s_steps.Contains(digit)))
                    ticks.AddMajor(position, label(value));
                else
                    ticks.AddMinor(position);
            }
        }

        axis.TickGenerator = ticks;
    }

    /// <summary>1,000 as 1k, so that labels stay short: the axis' title has the unit.</summary>
    private static string Label(double value) => value switch
    {
        >= 1e6 => Number(value / 1e6) + "M",
        >= 1e3 => Number(value / 1e3) + "k",
        _ => Number(value),
    };

    private static string Number(double value) => Math.Round(value, 6).ToString("0.######", CultureInfo.InvariantCulture);
}
