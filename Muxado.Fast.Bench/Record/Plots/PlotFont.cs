using System.Reflection;
using ScottPlot;
using SkiaSharp;

namespace Muxado.Fast.Bench.Record.Plots;

/// <summary>Inter, from the program's own folder: plots look the same everywhere, also where no font is installed.</summary>
/// <remarks>
/// The font's package keeps its files in one resource: the length of an index in bytes, the index, the files. The index is a
/// version, a count, and the path, offset and length of each file.
/// </remarks>
internal sealed class PlotFont : IFontResolver
{
    /// <summary>The name that plots ask for, and that an SVG names first.</summary>
    public const string Family = "Inter";

    private const string Package = "Avalonia.Fonts.Inter";
    private const string Resource = "!AvaloniaResources";

    private static readonly Lazy<PlotFont> s_installed = new(Install);

    private readonly SKTypeface _regular;
    private readonly SKTypeface _bold;

    private PlotFont(byte[] resource)
    {
        _regular = Load(resource, "/Assets/Inter-Regular.ttf");
        _bold = Load(resource, "/Assets/Inter-Bold.ttf");
    }

    /// <summary>Makes every text of every plot use it.</summary>
    public static void Use() => _ = s_installed.Value;

    public SKTypeface CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        weight >= FontWeight.SemiBold ? _bold : _regular;

    public SKTypeface CreateTypeface(string fontName, bool bold, bool italic) => bold ? _bold : _regular;

    private static PlotFont Install()
    {
        using var stream = Assembly.Load(Package).GetManifestResourceStream(Resource)
            ?? throw new InvalidDataException($"{Package} has no resource {Resource}.");
        var resource = new byte[stream.Length];
        stream.ReadExactly(resource);
        var font = new PlotFont(resource);
        Fonts.FontResolvers.Insert(0, font);
        Fonts.Default = Family;
        Fonts.Sans = Family;
        return font;
    }

    private static SKTypeface Load(byte[] resource, string path)
    {
        using var reader = new BinaryReader(new MemoryStream(resource));
        var filesOffset = sizeof(int) + reader.ReadInt32();
        _ = reader.ReadInt32();
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            var name = reader.ReadString();
            var offset = reader.ReadInt32();
            var length = reader.ReadInt32();
            if (name == path)
                return SKTypeface.FromData(SKData.CreateCopy(resource.AsSpan(filesOffset + offset, length)));
        }

        throw new InvalidDataException($"{Package} has no file {path}.");
    }
}
