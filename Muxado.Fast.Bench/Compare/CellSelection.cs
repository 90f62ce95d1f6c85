using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Compare;

/// <summary>Which workloads are measured over which arms.</summary>
/// <param name="Cells">What is measured, in the order of workloads, then arms.</param>
/// <param name="Skipped">The arms that were wanted and cannot run here, each with the reason.</param>
internal sealed record CellSelection(IReadOnlyList<(Workload Workload, string Arm)> Cells, IReadOnlyList<string> Skipped)
{
    private static readonly string[] s_quickWorkloads = [Workload.Churn1, Workload.Churn1Apart, Workload.Churn64, Workload.PingPong64, Workload.BulkOneWay];
    private static readonly string[] s_quickArms = [MuxadoArm.Name, TcpPerOperationArm.Name, NetworkStreamArm.Name];

    /// <summary>What fits into a minute.</summary>
    public static CellSelection Quick() => Create((workload, arm) => s_quickWorkloads.Contains(workload) && s_quickArms.Contains(arm));

    public static CellSelection Everything() => Create((_, _) => true);

    /// <summary>
    /// Names of targets and workloads select what they need, together; names of arms restrict it to those arms. Names may end
    /// with a <c>*</c>.
    /// </summary>
    public static CellSelection Only(IReadOnlyCollection<string> words)
    {
        var needed = Budgets.Current.Targets.Where(target => words.Contains(target.Id, StringComparer.OrdinalIgnoreCase))
            .SelectMany(target => target.Cells(WorkloadNames)).ToHashSet();
        var known = Workload.All.Where(workload => Names(words, workload.Name)).ToList();
        Workload[] others = [.. words.Distinct().Where(word => !known.Exists(workload => Names([word], workload.Name))).Select(NamedWorkloads.Parse).OfType<Workload>()];
        string[] workloads = [.. known.Concat(others).Select(workload => workload.Name)];
        string[] arms = [.. ArmCatalog.Names.Where(name => Names(words, name))];
        var everyWorkload = needed.Count == 0 && workloads.Length == 0;
        return Create(
            (workload, arm) => (everyWorkload || workloads.Contains(workload) || needed.Contains((workload, arm))) && (arms.Length == 0 || arms.Contains(arm)),
            others);
    }

    /// <summary>What is wrong with such a name; null when it is that of a target, a workload or an arm.</summary>
    public static string? Explain(string word)
    {
        if (word.Equals(Budgets.Current.AllocatedBytes.Id, StringComparison.OrdinalIgnoreCase))
            return $"{word} is held by the allocation tests; there is nothing to compare.";
        if (TargetIds.Contains(word, StringComparer.OrdinalIgnoreCase)
            || WorkloadNames.Concat(ArmCatalog.Names).Any(name => Names([word], name))
            || NamedWorkloads.Parse(word) is not null)
        {
            return null;
        }

        return $"'{word}' is not the name of a target ({string.Join(' ', TargetIds)}), a workload ({string.Join(' ', WorkloadNames)}) "
            + $"or an arm ({string.Join(' ', ArmCatalog.Names)}).";
    }

    public static IReadOnlyList<string> WorkloadNames { get; } = [.. Workload.All.Select(workload => workload.Name)];

    private static IEnumerable<string> TargetIds => Budgets.Current.Targets.Select(target => target.Id).Distinct();

    private static bool Names(IEnumerable<string> words, string name) => words.Any(word => word.EndsWith('*')
        ? name.StartsWith(word[..^1], StringComparison.OrdinalIgnoreCase)
        : name.Equals(word, StringComparison.OrdinalIgnoreCase));

    private static CellSelection Create(Func<string, string, bool> includes, params Workload[] others)
    {
        (Workload Workload, string Arm)[] wanted =
        [
            .. from workload in Workload.All.Concat(others)
            from arm in ArmCatalog.Names
            where workload.AppliesTo(arm) && includes(workload.Name, arm)
            select (workload, arm),
        ];
        var reasons = wanted.Select(cell => cell.Arm).Distinct().ToDictionary(arm => arm, Arm.WhyUnavailable);
        return new CellSelection(
            [.. wanted.Where(cell => reasons[cell.Arm] is null)],
            [.. from reason in reasons where reason.Value is not null select $"{reason.Key}: {reason.Value}"]);
    }
}
