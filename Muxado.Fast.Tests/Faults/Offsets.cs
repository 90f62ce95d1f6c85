using NUnit.Framework;

namespace Muxado.Fast.Tests.Faults;

/// <summary>Runs something at every offset of a script, and says at which one it failed.</summary>
internal static class Offsets
{
    public static void Each(int end, Action<int> action) =>
        EachAsync(end, at =>
        {
            action(at);
            return Task.CompletedTask;
        }).GetAwaiter().GetResult();

    public static async Task EachAsync(int end, Func<int, Task> action)
    {
        Assert.That(end, Is.Positive);
        for (int at = 0; at < end; at++)
        {
            try
            {
                await action(at);
            }
            catch (Exception failure)
            {
                throw new AssertionException($"At offset {at} of {end}: {failure}");
            }
        }
    }
}
