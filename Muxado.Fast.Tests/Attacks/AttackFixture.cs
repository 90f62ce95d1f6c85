using Muxado.Fast.Tests.Conformance;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>
/// A peer that means harm: what it can make a session hold or do is bounded. Bounds that a single frame shows are in
/// <c>Conformance/</c>; here they are held against many.
/// </summary>
[NothingEscapes]
public abstract class AttackFixture(Role role) : ConformanceFixture(role)
{
    protected const int RstBytes = 12;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>What the process holds once its garbage is gone, in bytes.</summary>
    protected static long LiveBytes()
    {
        const int MostCollections = 10;
        const int Noise = 1024;
        var (before, now) = (long.MaxValue, GC.GetTotalMemory(forceFullCollection: false));
        for (var n = 0; n < MostCollections && before - now > Noise; n++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            (before, now) = (now, GC.GetTotalMemory(forceFullCollection: true));
        }

        return now;
    }

    /// <summary>Runs what blocks its thread away from the test's, which may be one that the session under test completes reads on.</summary>
    protected static Task Apart(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(s_patience);

    /// <summary>What the session has in frames that its connection has not taken, in bytes.</summary>
    protected static long QueuedBytes(MuxadoSession session)
    {
        var snapshot = session.GetSnapshot();
        return snapshot.UnsentBytes - snapshot.Streams.Sum(stream => (long)stream.UnsentBytes);
    }

    /// <summary>Waits until the session has neither received nor sent anything for a while.</summary>
    protected static async Task UntilStuckAsync(MuxadoSession session)
    {
        const int Looks = 100;
        (long, long) before = (-1, -1);
        for (var look = 0; look < Looks; look++)
        {
            var snapshot = session.GetSnapshot();
            var now = (snapshot.BytesReceived, snapshot.BytesSent);
            if (now == before)
                return;
            before = now;
            await Task.Delay(100);
        }

        Assert.Fail("the session goes on receiving or sending");
    }
}
