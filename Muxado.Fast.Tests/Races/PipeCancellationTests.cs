using System.Buffers;
using System.IO.Pipelines;
using Muxado.Fast.Buffers;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>A pipe's wait is called off in both ways at once: by the pipe's own request, and by the caller's token.</summary>
[Category("Concurrency")]
[NothingUnobserved]
public sealed class PipeCancellationTests
{
    private const int Races = 500;
    private const int WriteBytes = 100_000;

    [Test]
    [CancelAfter(60_000)]
    public async Task A_read_that_is_called_off_in_both_ways_names_one_of_them_and_loses_nothing(CancellationToken timeout)
    {
        var blocks = new BlockPool();
        var (session, peer) = Connect(blocks);
        using var threads = new RacingThreads(2, TestContext.CurrentContext.Random.Next());
        var stream = session.OpenStream();
        var id = stream.Id;
        var pipe = stream.AsDuplexPipe();
        for (var race = 0; race < RaceCount.Of(Races); race++)
        {
            using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(timeout);
            var reading = pipe.Input.ReadAsync(cancellation.Token).AsTask();
            threads.Run(cancellation.Cancel, pipe.Input.CancelPendingRead);
            try
            {
                var result = await reading.Soon();
                Assert.That((result.IsCanceled, result.Buffer.Length), Is.EqualTo((true, 0)));
            }
            catch (OperationCanceledException cancelled)
            {
                Assert.That(cancelled.CancellationToken, Is.EqualTo(cancellation.Token));
                var next = await pipe.Input.ReadAsync(timeout).Soon("the read that the pipe's own request is left for");
                Assert.That(next.IsCanceled, Is.True);
            }

            peer.Send(Frames.Data(id, Pattern.Bytes(10, race)));
            var read = await pipe.Input.ReadAsync(timeout).Soon();
            Pattern.Verify(read.Buffer.ToArray(), race);
            Assert.That((read.IsCanceled, read.Buffer.Length), Is.EqualTo((false, 10)));
            pipe.Input.AdvanceTo(read.Buffer.End);
        }

        await pipe.Input.CompleteAsync();
        await pipe.Output.CompleteAsync();
        await CloseAsync(session, blocks);
    }

    [Test]
    [CancelAfter(60_000)]
    public Task A_flush_that_is_called_off_in_both_ways_names_one_of_them_and_loses_nothing(CancellationToken timeout) => RaceFlushesAsync(async (output, threads, giveCredit) =>
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(timeout);
        var memory = Content();
        var flushing = output.WriteAsync(memory, cancellation.Token).AsTask();
        threads.Run(cancellation.Cancel, output.CancelPendingFlush);
        try
        {
            Assert.That((await flushing.Soon()).IsCanceled, Is.True);
        }
        catch (OperationCanceledException cancelled)
        {
            Assert.That(cancelled.CancellationToken, Is.EqualTo(cancellation.Token));
            var next = await output.FlushAsync(timeout).Soon("the flush that the pipe's own request is left for");
            Assert.That(next.IsCanceled, Is.True);
        }

        Array.Fill(memory, (byte)0xEE);
        giveCredit();
        Assert.That((await output.FlushAsync(timeout).Soon()).IsCanceled, Is.False);
    });

    [Test]
    [CancelAfter(60_000)]
    public Task A_flush_that_comes_too_early_is_refused_while_the_one_before_is_called_off(CancellationToken timeout) => RaceFlushesAsync(async (output, threads, giveCredit) =>
    {
        var flushing = PipeFlushScene.FlushOwnAsync(output, Content(), timeout).AsTask();
        Task<FlushResult>? next = null;
        threads.Run(
            output.CancelPendingFlush,
            () =>
            {
                try
                {
                    next = output.FlushAsync(timeout).AsTask();
                }
                catch (InvalidOperationException)
                {
                    // It came while the first was under way.
                }
            });

        Assert.That((await flushing.Soon()).IsCanceled, Is.True);
        giveCredit();
        next ??= output.FlushAsync(timeout).AsTask();
        Assert.That((await next.Soon()).IsCanceled, Is.False);
    });

    /// <summary>Races on one stream's pipe after the other, which has to send what was written once, and nothing else.</summary>
    private static async Task RaceFlushesAsync(Func<PipeWriter, RacingThreads, Action, Task> raceAsync)
    {
        var blocks = new BlockPool();
        var (session, peer) = Connect(blocks);
        using var threads = new RacingThreads(2, TestContext.CurrentContext.Random.Next());
        for (var race = 0; race < RaceCount.Of(Races); race++)
        {
            var stream = session.OpenStream();
            var id = stream.Id;
            var pipe = stream.AsDuplexPipe();
            await raceAsync(pipe.Output, threads, () => peer.Send(Frames.WndInc(id, RaceAction.Credit)));
            await peer.SettleAsync();
            Assert.That(peer.Sent.DataBytes(id), Is.EqualTo(WriteBytes));
            await pipe.Input.CompleteAsync();
            await pipe.Output.CompleteAsync();
            peer.Send(Frames.Rst(id, RaceAction.Cancel));
        }

        await CloseAsync(session, blocks);
        peer.Sent.Verify(isWhole: true);
    }

    private static byte[] Content() => [.. Enumerable.Repeat(SentFrames.Content, WriteBytes)];

    private static (MuxadoSession Session, FedTransport Peer) Connect(BlockPool blocks)
    {
        var peer = new FedTransport(seed: 0);
        return (MuxadoSession.CreateOver(peer, isClient: true, new() { HeartbeatInterval = Timeout.InfiniteTimeSpan, Blocks = blocks }), peer);
    }

    private static async Task CloseAsync(MuxadoSession session, BlockPool blocks)
    {
        await session.DisposeAsync().Soon();
        await Timing.Until(() => blocks.Outstanding == 0, "every rented block has come back");
    }
}
