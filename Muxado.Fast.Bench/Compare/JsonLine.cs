using System.Text.Json;

namespace Muxado.Fast.Bench.Compare;

/// <summary>Lines of JSON between the comparison and its processes.</summary>
internal static class JsonLine
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web);

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, s_options);

    public static T Read<T>(string line) => JsonSerializer.Deserialize<T>(line, s_options)!;
}
