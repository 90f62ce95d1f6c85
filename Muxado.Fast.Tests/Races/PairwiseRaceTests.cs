using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>Any two of the things that an application and its peer can do happen at the same moment, a thousand times.</summary>
[Category("Concurrency")]
[NothingUnobserved]
public sealed class PairwiseRaceTests
{
    private static IEnumerable<TestCaseData> Pairs()
    {
        var actions = RaceAction.All;
        for (var i = 0; i < actions.Count; i++)
        {
            for (var k = i; k < actions.Count; k++)
            {
                // One connection's bytes have an order: a peer cannot open two streams at once.
                if (i != k || actions[i].Brings != Cause.PeerSyn)
                    yield return new TestCaseData(actions[i].Name, actions[k].Name);
            }
        }
    }

    [TestCaseSource(nameof(Pairs))]
    [CancelAfter(120_000)]
    public Task Two_at_once_end_as_they_may_when_frames_race_with_calls(string one, string other, CancellationToken cancellationToken) =>
        RaceAsync(null, 1_000, [one, other], cancellationToken);

    [TestCaseSource(nameof(Pairs))]
    [CancelAfter(120_000)]
    public Task Two_at_once_end_as_they_may_through_memory(string one, string other, CancellationToken cancellationToken) =>
        RaceAsync(TransportKind.Memory, 100, [one, other], cancellationToken);

    [TestCaseSource(nameof(Pairs))]
    [CancelAfter(120_000)]
    public Task Two_at_once_end_as_they_may_over_TCP(string one, string other, CancellationToken cancellationToken) =>
        RaceAsync(TransportKind.Tcp, 50, [one, other], cancellationToken);

    private static Task RaceAsync(TransportKind? transport, int races, string[] names, CancellationToken cancellationToken)
    {
        var course = new RaceCourse([.. names.Select(RaceAction.Named)], transport);
        return course.RunAsync(RaceCount.Of(races), TestContext.CurrentContext.Random.Next(), cancellationToken);
    }
}
