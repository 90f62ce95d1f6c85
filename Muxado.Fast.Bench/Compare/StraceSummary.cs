using System.Globalization;

namespace Muxado.Fast.Bench.Compare;

/// <summary>The table that <c>strace -c</c> prints at its end.</summary>
internal static class StraceSummary
{
    // % time, seconds, usecs/call, calls, errors (left empty when there are none), syscall.
    private const int CallsColumn = 3;
    private const int LeastColumns = 5;

    /// <summary>Calls by name. Lines that are not rows of the table are passed over.</summary>
    public static IReadOnlyDictionary<string, long> Parse(IEnumerable<string> lines)
    {
        var calls = new Dictionary<string, long>();
        foreach (var line in lines)
        {
            var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length >= LeastColumns
                && double.TryParse(columns[0], CultureInfo.InvariantCulture, out _)
                && long.TryParse(columns[CallsColumn], CultureInfo.InvariantCulture, out var count)
                && columns[^1] != "total")
            {
                calls[columns[^1]] = calls.GetValueOrDefault(columns[^1]) + count;
            }
        }

        return calls;
    }
}
