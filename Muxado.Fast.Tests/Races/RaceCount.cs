using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>
/// How often something is raced for: so many times as often, in a campaign, as the ordinary run has time for.
/// <code>dotnet test -c Release --filter FullyQualifiedName~Tests.Races -- 'TestRunParameters.Parameter(name="RaceFactor", value="20")'</code>
/// </summary>
internal static class RaceCount
{
    private static readonly int s_factor = TestContext.Parameters.Get("RaceFactor", 1);

    public static int Of(int ordinary) => ordinary * s_factor;
}
