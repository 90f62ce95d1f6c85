using System.Globalization;
using Muxado.Fast.Bench.Compare;
using Muxado.Fast.Bench.Record.Plots;
using ScottPlot;

namespace Muxado.Fast.Bench.Record;

/// <summary>The plots of a run. One whose data were not measured is left out.</summary>
internal static class PlotSet
{
    public const string Folder = "plots";
    public const string Ratios = "ratios";

    private static readonly double[] s_percentileTicks = [50, 75, 90, 95, 99, 99.9, 99.99];

    /// <summary>Writes them and returns their names.</summary>
    public static IReadOnlyList<string> Write(Figures figures, string recordFolder)
    {
        var folder = Directory.CreateDirectory(Path.Combine(recordFolder, Folder)).FullName;
        var written = new List<string>();
        WriteRatios(figures, folder, written);
        foreach (var workload in PlottedData.LatencyWorkloads(figures))
            WriteLatencies(figures, workload, folder, written);
        WriteCounts(
            "churn", "Open + 64 B + echo + close", "operations under way at a time", "operations per second",
            PlottedData.Churn(figures), folder, written);
        WriteCounts("bulk", "Bulk one way, 64 KiB writes", "streams at once", "payload, MB/s", PlottedData.Bulk(figures), folder, written);
        foreach (var size in PlottedData.MatrixSizes(figures))
        {
            WriteCounts(
                $"matrix-{size}", $"Open + {PlottedData.WithSpace(size)} + echo + close", "streams at once", "payload one way, MB/s", PlottedData.Matrix(figures, size), folder, written);
        }

        WriteCounts(
            "idle-memory", "Idle open streams", "idle open streams", "memory of the client per stream, bytes",
            PlottedData.IdleMemory(figures), folder, written);
        return written;
    }

    private static void WriteRatios(Figures figures, string folder, List<string> written)
    {
        var bars = PlottedData.Ratios(figures);
        if (bars.Count != 0)
            Write(RatioPlot.Create(bars), Ratios, RatioPlot.HeightFor(bars.Count), folder, written);
    }

    private static void WriteLatencies(Figures figures, string workload, string folder, List<string> written)
    {
        var lines = PlottedData.Latencies(figures, workload);
        if (lines.Count == 0)
            return;

        // Each factor of ten fewer operations takes as much room as the one before.
        static double Position(double percentile) => -Math.Log10(1 - (percentile / 100));
        var plot = LinePlot.Create(
            "Latency: " + figures.Cells.First(cell => cell.Workload == workload).WorkloadTitle,
            "percentile",
            "latency, us",
            lines,
            Position,
            s_percentileTicks.Select(percentile => (percentile, percentile.ToString(CultureInfo.InvariantCulture))));
        Write(plot, "latency-" + workload, PlotFrame.Height, folder, written);
    }

    private static void WriteCounts(
        string name, string title, string xTitle, string yTitle, IReadOnlyList<PlotLine> lines, string folder, List<string> written)
    {
        if (lines.Count == 0)
            return;
        double[] counts = [.. lines.SelectMany(line => line.Points).Select(point => point.X).Distinct().Order()];
        var plot = LinePlot.Create(title, xTitle, yTitle, lines, Math.Log2, counts.Select(count => (count, Quantity.Number(count))));
        Write(plot, name, PlotFrame.Height, folder, written);
    }

    private static void Write(Plot plot, string name, int height, string folder, List<string> written)
    {
        PlotFile.Write(plot, folder, name, PlotFrame.Width, height);
        written.Add(name);
    }
}
