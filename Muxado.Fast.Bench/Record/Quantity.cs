using System.Globalization;

namespace Muxado.Fast.Bench.Record;

/// <summary>Numbers with their units, rounded to what a reader can use.</summary>
internal static class Quantity
{
    private const string Unknown = "-";

    public static string PerSecond(double value) => Number(value) + "/s";

    public static string MbPerSecond(double value) => Number(value) + " MB/s";

    public static string Us(double? value) => WithUnit(value, "us");

    public static string Bytes(double? value) => WithUnit(value, "B");

    public static string Count(double? value) => value is { } number && double.IsFinite(number) ? Number(number) : Unknown;

    /// <summary>Two digits after the point below ten, where targets differ in them.</summary>
    public static string Ratio(double value) => (Math.Abs(value) < 10 ? Fixed(value, "0.##") : Number(value)) + "x";

    /// <summary>Three significant digits below a thousand, whole numbers with separators from there on.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        >= 100 => Fixed(value, "#,0"),
        >= 10 => Fixed(value, "0.#"),
        >= 1 => Fixed(value, "0.##"),
        _ => Fixed(value, "0.###"),
    };

    private static string WithUnit(double? value, string unit) => Count(value) is var text && text == Unknown ? text : $"{text} {unit}";

    private static string Fixed(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
