using System.IO.Pipelines;
using Muxado.Fast.Buffers;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>
/// A pipe's input is completed by one thread while another reads, as when a connection is given up beside its read loop. The reader keeps a block
/// that it has examined, into which what comes next is copied.
/// </summary>
[Category("Concurrency")]
[NothingUnobserved]
public sealed class InputCompletionTests
{
    private const int Races = 2_000;

    [Test]
    [CancelAfter(60_000)]
    public async Task An_input_that_is_completed_beside_its_reader_gives_back_every_block_once(CancellationToken cancellationToken)
    {
        var blocks = new BlockPool();
        using var threads = new RacingThreads(3, TestContext.CurrentContext.Random.Next());
        for (var race = 0; race < RaceCount.Of(Races); race++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var peer = new FedTransport(race);
            var session = MuxadoSession.CreateOver(peer, isClient: true, new() { HeartbeatInterval = Timeout.InfiniteTimeSpan, Blocks = blocks });
            var stream = session.OpenStream();
            var id = stream.Id;
            var pipe = stream.AsDuplexPipe();
            peer.Send(Frames.Data(id, "before"));
            Task reading = ReadAsync(pipe.Input, mustWait: race % 2 == 0);

            threads.Run(
                () => peer.Send(Frames.Data(id, "after")),
                () => pipe.Input.Complete(),
                () => peer.Send(Frames.Data(id, "later")));

            await reading.WaitAsync(cancellationToken);
            await pipe.Output.CompleteAsync();
            session.Abort();
            await session.Completion.WaitAsync(cancellationToken);
            Assert.That(peer.Sent.DataBytes(id), Is.Zero);
        }

        await Timing.Until(() => blocks.Outstanding == 0, "every rented block has come back");
    }

    private static async Task ReadAsync(PipeReader input, bool mustWait)
    {
        try
        {
            while (true)
            {
                var result = await input.ReadAsync().ConfigureAwait(false);
                input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                if (mustWait)
                    continue;
                await Task.Yield();
            }
        }
        catch (Exception failure) when (failure is InvalidOperationException or IOException or ObjectDisposedException)
        {
            // Completed.
        }
    }
}
