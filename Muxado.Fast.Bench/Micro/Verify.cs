using System.Runtime.CompilerServices;

namespace Muxado.Fast.Bench.Micro;

/// <summary>
/// Holds a benchmark to the work that it claims to measure: one that does something else fails instead of printing a figure.
/// </summary>
internal static class Verify
{
    private const string Consequence = "the benchmark does not do the work that it is to measure.";

    /// <exception cref="InvalidOperationException">The two differ; the message names the expression and both.</exception>
    public static void Equal(long expected, long actual, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (actual != expected)
            throw new InvalidOperationException($"{what} is {actual}, not {expected}: {Consequence}");
    }

    /// <exception cref="InvalidOperationException">The condition does not hold; the message names it.</exception>
    public static void That(bool condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        if (!condition)
            throw new InvalidOperationException($"{what} does not hold: {Consequence}");
    }
}
