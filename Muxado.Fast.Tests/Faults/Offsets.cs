using NUnit.Framework;

namespace Muxado.Fast.Tests.Faults;

/// <summary>Runs something at every offset of a script, and says at which one it failed.</summary>
internal static class Offsets
{
    public static void Each(int end, Action<int> action)
    {
        Assert.That(end, Is.Positive);
        for (int at = 0; at < end; at++)
        {
            try
            {
                action(at);
            }
            catch (Exception failure)
            {
                throw new AssertionException($"At offset {at} of {end}: {failure}");
            }
        }
    }
}
