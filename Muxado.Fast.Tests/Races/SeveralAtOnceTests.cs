using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>Three and four things happen at the same moment.</summary>
[Category("Concurrency")]
[NothingUnobserved]
public sealed class SeveralAtOnceTests
{
    private const int RandomCourses = 40;

    [TestCase("write", "flush", "stream dispose")]
    [TestCase("last write", "flush", "stream dispose")]
    [TestCase("write", "flush", "session dispose")]
    [TestCase("read", "write", "stream dispose")]
    [TestCase("read", "read", "stream dispose")]
    [TestCase("read", "read", "peer data")]
    [TestCase("write", "write", "peer credit")]
    [TestCase("accept", "accept", "peer open")]
    [TestCase("write", "complete", "stream dispose")]
    [TestCase("session dispose", "session dispose", "session abort")]
    [TestCase("goaway", "goaway", "session dispose")]
    [TestCase("stream dispose", "peer open", "session dispose")]
    [CancelAfter(120_000)]
    public Task Three_at_once_end_as_they_may(string one, string second, string third, CancellationToken cancellationToken) =>
        RaceAsync(null, RaceCount.Of(1_000), [one, second, third], cancellationToken);

    [TestCase("write", "flush", "stream dispose")]
    [TestCase("read", "write", "session dispose")]
    [CancelAfter(120_000)]
    public Task Three_at_once_end_as_they_may_over_TCP(string one, string second, string third, CancellationToken cancellationToken) =>
        RaceAsync(TransportKind.Tcp, RaceCount.Of(100), [one, second, third], cancellationToken);

    [Test]
    [CancelAfter(120_000)]
    public async Task Any_few_at_once_end_as_they_may([Values(3, 4)] int count, CancellationToken cancellationToken)
    {
        var seed = TestContext.CurrentContext.Random.Next();
        var random = new Random(seed);
        for (var i = 0; i < RaceCount.Of(RandomCourses); i++)
            await RaceAsync(null, 50, Draw(random, count), cancellationToken);
    }

    /// <summary>Any actions, with one of those at most whose frames a peer that keeps to the rules sends in one order only.</summary>
    private static string[] Draw(Random random, int count)
    {
        const Cause Ordered = Cause.Data | Cause.PeerFin | Cause.PeerSyn;
        while (true)
        {
            var drawn = random.GetItems(RaceAction.All.ToArray(), count);
            if (drawn.Count(action => action.Kind == OperationKind.Command && (action.Brings & Ordered) != 0) + drawn.Count(action => action.Name == "peer reset") <= 1)
                return [.. drawn.Select(action => action.Name)];
        }
    }

    private static Task RaceAsync(TransportKind? transport, int races, string[] names, CancellationToken cancellationToken) =>
        new RaceCourse([.. names.Select(RaceAction.Named)], transport).RunAsync(races, TestContext.CurrentContext.Random.Next(), cancellationToken);
}
