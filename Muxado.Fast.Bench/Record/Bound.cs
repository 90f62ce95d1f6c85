using System.Globalization;
using Muxado.Fast.Bench.Compare;

namespace Muxado.Fast.Bench.Record;

/// <summary>What a target asks for, as a number.</summary>
internal readonly record struct Bound(double Value, bool AtLeast)
{
    private const string Least = ">= ";
    private const string Most = "<= ";

    /// <summary>Null when the figures were written by a program that words it otherwise.</summary>
    public static Bound? Of(Target target)
    {
        var atLeast = target.Wanted.StartsWith(Least, StringComparison.Ordinal);
        if (!atLeast && !target.Wanted.StartsWith(Most, StringComparison.Ordinal))
            return null;
        return double.TryParse(target.Wanted.AsSpan(Least.Length), CultureInfo.InvariantCulture, out var value)
            ? new Bound(value, atLeast)
            : null;
    }
}
