using System.Globalization;
using Muxado.Fast.Bench.Compare;
using Muxado.Fast.Bench.Record.Plots;
using ScottPlot;

namespace Muxado.Fast.Bench.Record;

/// <summary>The plots of a run. One whose data were not measured is left out.</summary>
internal sealed class PlotSet
{
    public const string Folder = "plots";
    public const string Ratios = "ratios";

    private static readonly double[] s_percentileTicks = [50, 75, 90, 95, 99, 99.9, 99.99];

    private readonly Figures _figures;
    private readonly string _folder;
    private readonly List<string> _written = [];

    private PlotSet(Figures figures, string folder)
    {
        _figures = figures;
        _folder = folder;
    }

    /// <summary>Writes them into a folder of the record and returns their names.</summary>
    public static IReadOnlyList<string> Write(Figures figures, string recordFolder)
    {
        var set = new PlotSet(figures, Directory.CreateDirectory(Path.Combine(recordFolder, Folder)).FullName);
        set.WriteRatios();
        foreach (var workload in PlottedData.LatencyWorkloads(figures))
            set.WriteLatencies(workload);
        set.WriteChurn();
        set.WriteBulk();
        foreach (var size in PlottedData.MatrixSizes(figures))
            set.WriteMatrix(size);
        set.WriteIdleMemory();
        return set._written;
    }

    private void WriteRatios()
    {
        var bars = PlottedData.Ratios(_figures);
        if (bars.Count != 0)
            Write(RatioPlot.Create(bars), Ratios, RatioPlot.HeightFor(bars.Count));
    }

    private void WriteLatencies(string workload)
    {
        var lines = PlottedData.Latencies(_figures, workload);
        if (lines.Count == 0)
            return;

        // Each factor of ten fewer operations takes as much room as the one before.
        static double Position(double percentile) => -Math.Log10(1 - (percentile / 100));
        var plot = LinePlot.Create(
            "Latency: " + _figures.Cells.First(cell => cell.Workload == workload).WorkloadTitle,
            "percentile",
            "latency, us",
            lines,
            Position,
            s_percentileTicks.Select(percentile => (percentile, percentile.ToString(CultureInfo.InvariantCulture))));
        Write(plot, "latency-" + workload, PlotFrame.Height);
    }

    private void WriteChurn() => WriteCounts(
        "churn", "Open + 64 B + echo + close", "operations under way at a time", "operations per second", PlottedData.Churn(_figures));

    private void WriteBulk() => WriteCounts(
        "bulk", "Bulk one way, 64 KiB writes", "streams at once", "payload, MB/s", PlottedData.Bulk(_figures));

    private void WriteMatrix(string size) => WriteCounts(
        $"matrix-{size}",
        $"Open + {PlottedData.WithSpace(size)} + echo + close",
        "streams at once",
        "payload one way, MB/s",
        PlottedData.Matrix(_figures, size));

    private void WriteIdleMemory() => WriteCounts(
        "idle-memory", "Idle open streams", "idle open streams", "memory of the client per stream, bytes", PlottedData.IdleMemory(_figures));

    private void WriteCounts(string name, string title, string xTitle, string yTitle, IReadOnlyList<PlotLine> lines)
    {
        if (lines.Count == 0)
            return;
        double[] counts = [.. lines.SelectMany(line => line.Points).Select(point => point.X).Distinct().Order()];
        var plot = LinePlot.Create(title, xTitle, yTitle, lines, Math.Log2, counts.Select(count => (count, Quantity.Number(count))));
        Write(plot, name, PlotFrame.Height);
    }

    private void Write(Plot plot, string name, int height)
    {
        PlotFile.Write(plot, _folder, name, PlotFrame.Width, height);
        _written.Add(name);
    }
}
