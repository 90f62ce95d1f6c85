using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Stress;

/// <summary>Two things happen to one stream at the same moment, in every combination: each operation ends, none in a way it must not.</summary>
public sealed class RaceTests
{
    private const int Rounds = 40;

    private static readonly Dictionary<string, Func<SessionPair, StreamPair, Task>> s_events = new()
    {
        ["read"] = (_, streams) => streams.Opened.ReadAsync(new byte[100]).AsTask(),
        ["small write"] = (_, streams) => streams.Opened.WriteAsync(new byte[100]).AsTask(),
        ["large write"] = (_, streams) => streams.Opened.WriteAsync(new byte[200_000]).AsTask(),
        ["complete"] = (_, streams) => Now(streams.Opened.CompleteWrites),
        ["abort"] = (_, streams) => Now(() => streams.Opened.Abort()),
        ["stream dispose"] = (_, streams) => streams.Opened.DisposeAsync().AsTask(),
        ["session dispose"] = (pair, _) => pair.Client.DisposeAsync().AsTask(),
        ["session abort"] = (pair, _) => Now(pair.Client.Abort),
        ["goaway"] = (pair, _) => pair.Client.GoAwayAsync().AsTask(),
        ["peer goaway"] = (pair, _) => pair.Server.GoAwayAsync().AsTask(),
        ["peer data"] = (_, streams) => streams.Accepted.WriteAsync(new byte[100]).AsTask(),
        ["peer reset"] = (_, streams) => Now(() => streams.Accepted.Abort()),
        ["end"] = (_, streams) => Now(streams.Accepted.CompleteWrites),
    };

    private static IEnumerable<TestCaseData> Combinations()
    {
        var names = s_events.Keys.ToList();
        for (var i = 0; i < names.Count; i++)
        {
            for (var k = i; k < names.Count; k++)
                yield return new TestCaseData(names[i], names[k]);
        }
    }

    [TestCaseSource(nameof(Combinations))]
    public async Task Both_end_whoever_comes_first(string one, string other)
    {
        for (var round = 0; round < Rounds; round++)
        {
            await using var pair = await SessionPair.ConnectAsync();
            var streams = await pair.OpenAsync();

            using var start = new Barrier(2);
            var racing = Task.WhenAll(RaceAsync(one), RaceAsync(other));
            await Task.Yield();

            // Whatever still waits by then, waits for the peer: it ends when the peer's side does.
            await Task.WhenAny(racing, Task.Delay(1));
            streams.Accepted.Abort();
            await racing.Soon($"{one} against {other}, round {round}");
            await streams.Opened.DisposeAsync();
            await streams.Accepted.DisposeAsync();

            Task RaceAsync(string name) => Task.Run(async () =>
            {
                start.SignalAndWait();
                try
                {
                    await s_events[name](pair, streams);
                }
                catch (Exception failure) when (Fails.IsOrderly(failure) || failure.GetType() == typeof(InvalidOperationException))
                {
                    // any of these may win
                }
            });
        }
    }

    private static Task Now(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
