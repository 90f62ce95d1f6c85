using System.Diagnostics;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Support;

/// <summary>Waits for what has no task of its own to await.</summary>
public static class Timing
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Waits for something that has no event of its own; fails when it does not come true in time.</summary>
    public static async Task Until(Func<bool> condition, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(started) > s_patience)
                throw new AssertionException($"Waited {s_patience.TotalSeconds} s in vain until {what}.");

            await Task.Delay(5);
        }
    }

    /// <summary>Gives an operation that must stay pending some time to end wrongly.</summary>
    public static async Task StaysPending(Task operation, string what)
    {
        await Task.WhenAny(operation, Task.Delay(100));
        Assert.That(operation.IsCompleted, Is.False, $"{what} ended although nothing happened.");
    }
}
