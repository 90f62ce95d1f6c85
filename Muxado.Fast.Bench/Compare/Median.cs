namespace Muxado.Fast.Bench.Compare;

/// <summary>The middle of some values.</summary>
internal static class Median
{
    /// <summary>The median, between the middle two of an even number; those that are unknown do not count. Null when none is known.</summary>
    public static double? Of(IEnumerable<double?> values)
    {
        double[] sorted = [.. values.OfType<double>().Order()];
        if (sorted.Length == 0)
            return null;
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
