using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Compare;

/// <summary>A ratio of medians, Muxado.Fast to a rival, and the bound that it must keep.</summary>
internal sealed record Target(string Workload, string Rival, string Metric, double Ratio, string Wanted, bool Met)
{
    /// <summary>The ratios that this stage of the project asks for.</summary>
    public static IReadOnlyList<Target> Check(IReadOnlyCollection<Cell> cells)
    {
        return
        [
            AtLeast(Compare.Workload.Churn64, TcpPerOperationArm.Name, "opsPerSecond", cell => cell.OpsPerSecond, 15),
            AtMost(Compare.Workload.PingPong64, NetworkStreamArm.Name, "p50Us", cell => cell.P50Us, 1.25),
            AtLeast(Compare.Workload.BulkOneWay, NetworkStreamArm.Name, "mbPerSecond", cell => cell.MbPerSecond, 0.7),
        ];

        Target AtLeast(string workload, string rival, string metric, Func<Cell, double> value, double bound)
        {
            var ratio = Ratio(workload, rival, value);
            return new Target(workload, rival, metric, ratio, FormattableString.Invariant($">= {bound}"), ratio >= bound);
        }

        Target AtMost(string workload, string rival, string metric, Func<Cell, double> value, double bound)
        {
            var ratio = Ratio(workload, rival, value);
            return new Target(workload, rival, metric, ratio, FormattableString.Invariant($"<= {bound}"), ratio > 0 && ratio <= bound);
        }

        double Ratio(string workload, string rival, Func<Cell, double> value) =>
            value(Find(workload, MuxadoArm.Name)) / value(Find(workload, rival)) is var ratio && double.IsFinite(ratio) ? ratio : 0;

        Cell Find(string workload, string arm) => cells.Single(cell => cell.Workload == workload && cell.Arm == arm);
    }
}
