using System.Text.Json;
using Muxado.Fast.Bench.Cli;
using Muxado.Fast.Bench.Compare;

namespace Muxado.Fast.Bench.Record;

/// <summary>A file of figures, as <c>compare --json</c> and a record have it.</summary>
internal static class FiguresFile
{
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public static Figures Read(FileInfo file)
    {
        try
        {
            return JsonSerializer.Deserialize<Figures>(File.ReadAllBytes(file.FullName), Json)
                ?? throw new CommandFailedException($"{file.FullName} has no figures in it");
        }
        catch (JsonException failure)
        {
            throw new CommandFailedException($"{file.FullName} is not a file of figures: {failure.Message}", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot read {file.FullName}: {failure.Message}", failure);
        }
    }

    public static void Write(string path, Figures figures) =>
        RecordDestination.Write(path, JsonSerializer.Serialize(figures, Json) + "\n");
}
