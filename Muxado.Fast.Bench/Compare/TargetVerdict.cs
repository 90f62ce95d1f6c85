using System.Text.Json.Serialization;

namespace Muxado.Fast.Bench.Compare;

/// <summary>What a comparison says about a target, from the best to the worst.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TargetVerdict>))]
internal enum TargetVerdict
{
    [JsonStringEnumMemberName("met")]
    Met,

    [JsonStringEnumMemberName("not measured")]
    NotMeasured,

    /// <summary>Missed, by less than one run can tell.</summary>
    [JsonStringEnumMemberName("missed within tolerance")]
    MissedWithinTolerance,

    [JsonStringEnumMemberName("missed")]
    Missed,
}
