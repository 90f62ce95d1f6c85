using Muxado.Fast.Bench.Compare;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Tests.Bench;

/// <summary>Measurements and cells as a comparison could have found them.</summary>
internal static class Samples
{
    public static Measurement Measurement(double opsPerSecond = 1000, double p50Us = 10, double p99Us = 20, long errors = 0) =>
        new((long)opsPerSecond, (long)opsPerSecond * 64, 1, p50Us, p99Us, errors, errors == 0 ? null : "broken");

    public static ProcessCost Cost(double cpuSeconds, long allocatedBytes = 0, long switches = 0) =>
        new(cpuSeconds / 2, cpuSeconds / 2, allocatedBytes, 0, 0, 0, switches, 0);

    public static Cell Cell(string workload, string arm, params Measurement[] samples) =>
        Fast.Bench.Compare.Cell.Create(new Workload(workload, workload, (_, _) => throw new NotSupportedException()), arm, samples);
}
