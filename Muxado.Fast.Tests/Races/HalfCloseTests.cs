using Muxado.Fast.Buffers;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>A FIN says that all has been sent. Whatever happens at the same moment, it must never follow a part of a write.</summary>
[Category("Concurrency")]
[NothingUnobserved]
public sealed class HalfCloseTests
{
    private const int Races = 1_000;
    private const int WriteBytes = 100_000;

    private static readonly byte[] s_content = [.. Enumerable.Repeat(SentFrames.Content, WriteBytes)];

    [Test]
    [CancelAfter(60_000)]
    public Task A_blocking_write_beside_a_half_close_is_sent_whole_or_refused([Values] bool isSlow, CancellationToken timeout) => RaceAsync(isSlow, async race =>
    {
        race.Peer.Send(Frames.WndInc(race.Id, RaceAction.Credit));
        InvalidOperationException? refused = null;

        race.Threads.Run(
            () =>
            {
                try
                {
                    race.Stream.Write(s_content);
                }
                catch (InvalidOperationException failure)
                {
                    refused = failure;
                }
            },
            race.Stream.CompleteWrites);

        await race.Peer.SettleAsync();
        Assert.That(race.SentBytes, Is.EqualTo(refused is null ? WriteBytes : 0));
        Assert.That(race.Peer.Sent.IsHalfClosed(race.Id), Is.True);
        race.Stream.Dispose();
    }, timeout);

    [Test]
    [CancelAfter(60_000)]
    public Task A_pipe_that_is_given_up_as_its_flush_ends_does_not_half_close([Values] bool isInputCompleted, CancellationToken timeout) => RaceAsync(isSlow: false, async race =>
    {
        var pipe = race.Stream.AsDuplexPipe();
        var flushing = pipe.Output.WriteAsync(s_content).AsTask();
        if (isInputCompleted)
            await pipe.Input.CompleteAsync();

        race.Threads.Run(
            () => race.Peer.Send(Frames.WndInc(race.Id, RaceAction.Credit)),
            () => pipe.Output.Complete(new InvalidDataException()));

        await flushing.Soon();
        await race.Peer.SettleAsync();
        Assert.That(race.Peer.Sent.IsHalfClosed(race.Id), Is.False);
        await pipe.Input.CompleteAsync();
    }, timeout);

    private static async Task RaceAsync(bool isSlow, Func<OneRace, Task> runAsync, CancellationToken timeout)
    {
        var blocks = new BlockPool();
        var peer = new FedTransport(seed: 0) { IsSlow = isSlow };
        var session = MuxadoSession.CreateOver(peer, isClient: true, new() { HeartbeatInterval = Timeout.InfiniteTimeSpan, Blocks = blocks });
        using var threads = new RacingThreads(2, TestContext.CurrentContext.Random.Next());
        for (var race = 0; race < RaceCount.Of(Races); race++)
        {
            timeout.ThrowIfCancellationRequested();
            var stream = session.OpenStream();
            var id = stream.Id;
            await runAsync(new OneRace(stream, id, peer, threads));
            peer.Send(Frames.Rst(id, RaceAction.Cancel));
        }

        await session.DisposeAsync().Soon();
        await Timing.Until(() => blocks.Outstanding == 0, "every rented block has come back");
        peer.Sent.Verify(isWhole: true);
    }

    private sealed record OneRace(MuxadoStream Stream, uint Id, FedTransport Peer, RacingThreads Threads)
    {
        public long SentBytes => Peer.Sent.DataBytes(Id);
    }
}
