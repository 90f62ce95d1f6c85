using Muxado.Fast.Buffers;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>A pipe's output is completed by one thread as another begins to flush it: one of them sends what is in it, and nobody returns its blocks before.</summary>
[Category("Concurrency")]
[NothingUnobserved]
public sealed class OutputCompletionTests
{
    private const int Races = 2_000;

    [TestCase(100)]
    [TestCase(100_000)]
    [CancelAfter(120_000)]
    public async Task An_output_that_is_completed_as_a_flush_begins_sends_what_is_in_it_once(int bytes, CancellationToken cancellationToken)
    {
        var blocks = new BlockPool();
        using var threads = new RacingThreads(3, TestContext.CurrentContext.Random.Next());
        for (var race = 0; race < RaceCount.Of(Races); race++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var peer = new FedTransport(race) { IsSlow = race % 2 == 0 };
            var session = MuxadoSession.CreateOver(peer, isClient: true, new() { HeartbeatInterval = Timeout.InfiniteTimeSpan, Blocks = blocks });
            var stream = session.OpenStream();
            var id = stream.Id;
            var output = stream.AsDuplexPipe().Output;
            output.GetSpan(bytes)[..bytes].Fill(SentFrames.Content);
            output.Advance(bytes);
            Task flushing = null!;

            threads.Run(
                () => flushing = FlushAsync(output),
                () => output.Complete(),
                () => peer.Send(Frames.WndInc(id, (uint)bytes)));

            await flushing.WaitAsync(cancellationToken);
            await Timing.Until(() => peer.Sent.IsHalfClosed(id), "the rest has been sent, and the end behind it");
            Assert.That(peer.Sent.DataBytes(id), Is.EqualTo(bytes), $"race {race}");
            session.Abort();
            await session.Completion.WaitAsync(cancellationToken);
            peer.Sent.Verify(isWhole: false);
        }
    }

    private static async Task FlushAsync(System.IO.Pipelines.PipeWriter output)
    {
        try
        {
            await output.FlushAsync().ConfigureAwait(false);
        }
        catch (InvalidOperationException)
        {
            // It was completed first.
        }
    }
}
