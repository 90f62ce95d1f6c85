namespace Muxado.Fast.Bench.Scenarios;

/// <summary>Jain's fairness index: 1 when all get the same, 1/n when one of n gets everything.</summary>
internal static class JainFairness
{
    /// <summary>The square of the sum over n times the sum of squares; 1 when nobody got anything.</summary>
    public static double Index(IReadOnlyCollection<double> shares)
    {
        var sum = shares.Sum();
        return sum == 0 ? 1 : sum * sum / (shares.Count * shares.Sum(share => share * share));
    }
}
