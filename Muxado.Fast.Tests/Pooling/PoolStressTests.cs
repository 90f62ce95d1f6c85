using System.Diagnostics;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Pooling;

/// <summary>Sessions die at random, in every way, while streams are opened, cancelled and used: every operation ends, and the pool recovers.</summary>
[Category("Concurrency")]
[CancelAfter(60_000)]
public sealed class PoolStressTests
{
    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(2);

    private static readonly Action<SessionPair>[] s_endings =
    [
        pair => pair.Client.Abort(),
        pair => pair.Server.Abort(),
        pair => _ = pair.Server.GoAwayAsync().AsTask(),
        pair => _ = pair.Server.CloseAsync(MuxadoErrorCode.InternalError).AsTask(),
        pair => _ = pair.Server.DisposeAsync().AsTask(),
        pair => _ = pair.Client.ShutdownAsync().AsTask(),
    ];

    [Test]
    public async Task Every_operation_ends_and_the_pool_recovers([Values(TransportKind.Memory, TransportKind.Tcp)] TransportKind kind, [Values(1, 2)] int seed)
    {
        await using var server = new PoolServer(kind)
        {
            OnDial = (dial, _) => dial % 7 == 3 ? Task.FromException(new IOException("nobody is there")) : Task.CompletedTask,
        };
        await using var pool = new MuxadoSessionPool(server.DialAsync, new()
        {
            MaxSessions = 3,
            MaxStreamsPerSession = 8,
            InitialBackoff = TimeSpan.FromMilliseconds(1),
            MaxBackoff = TimeSpan.FromMilliseconds(10),
        });
        var started = Stopwatch.GetTimestamp();
        var (right, failed) = (0, 0);
        var load = Enumerable.Range(0, 40).Select(worker => Task.Run(async () =>
        {
            var dice = new Random(seed * 1_000 + worker);
            while (Stopwatch.GetElapsedTime(started) < s_length)
            {
                using var cancellation = new CancellationTokenSource(dice.Next(4) == 0 ? TimeSpan.FromMilliseconds(dice.Next(5)) : Timeout.InfiniteTimeSpan);
                try
                {
                    Assert.That(await pool.ExecuteAsync(PoolServer.AskAsync, cancellationToken: cancellation.Token), Is.True);
                    Interlocked.Increment(ref right);
                }
                catch (Exception failure) when (Fails.IsOrderly(failure))
                {
                    Interlocked.Increment(ref failed);
                }
            }
        })).ToList();

        var killing = new Random(seed);
        while (Stopwatch.GetElapsedTime(started) < s_length)
        {
            await Task.Delay(killing.Next(20));
            var pairs = server.Pairs;
            if (pairs.Count > 0)
                s_endings[killing.Next(s_endings.Length)](pairs[Math.Max(0, pairs.Count - 1 - killing.Next(3))]);
        }

        await Task.WhenAll(load).WaitAsync(TimeSpan.FromSeconds(20));
        TestContext.Out.WriteLine($"{right} right, {failed} failed or cancelled, {server.Dials} dials");
        Assert.That(right, Is.GreaterThan(100));
        Assert.That(await pool.ExecuteAsync(PoolServer.AskAsync).Soon(), Is.True);
        await Timing.Until(() => pool.State is { WaitingOpens: 0, ActiveStreams: 0, DrainingSessions: 0 }, "nothing is left behind");
    }
}
