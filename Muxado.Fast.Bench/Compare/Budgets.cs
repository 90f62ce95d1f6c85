using System.Text.Json;

namespace Muxado.Fast.Bench.Compare;

/// <summary>What performance must keep, as data: <c>perf-results/budgets.json</c>, which is built into the program.</summary>
/// <param name="AllocatedBytes">The most that an operation may allocate in steady state; the allocation tests hold it.</param>
/// <param name="Targets">The ratios and bounds that a comparison checks.</param>
internal sealed record Budgets(AllocationBudgets AllocatedBytes, IReadOnlyList<TargetSpec> Targets)
{
    private const string Resource = "budgets.json";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
    };

    private static readonly Lazy<Budgets> s_current = new(Load);

    public static Budgets Current => s_current.Value;

    private static Budgets Load()
    {
        using var stream = typeof(Budgets).Assembly.GetManifestResourceStream(Resource)!;
        return JsonSerializer.Deserialize<Budgets>(stream, s_json)!;
    }
}
