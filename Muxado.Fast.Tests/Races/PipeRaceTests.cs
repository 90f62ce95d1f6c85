using System.IO.Pipelines;
using Muxado.Fast.Buffers;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>A pipe is read and written while its stream ends behind its back. The pipe holds blocks of its own, and every one comes back.</summary>
[Category("Concurrency")]
[NothingUnobserved]
public sealed class PipeRaceTests
{
    private const int Races = 300;

    private static readonly Dictionary<string, Action<MuxadoStream, FedTransport, uint>> s_ends = new()
    {
        ["stream dispose"] = (stream, _, _) => stream.Dispose(),
        ["abort"] = (stream, _, _) => stream.Abort(),
        ["peer reset"] = (_, peer, id) => peer.Send(Frames.Rst(id, RaceAction.Cancel)),
        ["peer end of stream"] = (_, peer, id) => peer.Send(Frames.Fin(id)),
        ["session abort"] = (stream, _, _) => stream.Session.Abort(),
        ["cut"] = (_, peer, _) => peer.Cut(),
        ["cancelled waits"] = (_, _, _) => { },
    };

    private static string[] Ends => [.. s_ends.Keys];

    [TestCaseSource(nameof(Ends))]
    [CancelAfter(60_000)]
    public async Task A_pipe_whose_stream_ends_under_it_gives_back_every_block(string end, CancellationToken cancellationToken)
    {
        var blocks = new BlockPool();
        using var threads = new RacingThreads(4, TestContext.CurrentContext.Random.Next());
        for (var race = 0; race < RaceCount.Of(Races); race++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var peer = new FedTransport(race) { IsSlow = race % 2 == 0 };
            var session = MuxadoSession.CreateOver(peer, isClient: true, new() { HeartbeatInterval = Timeout.InfiniteTimeSpan, Blocks = blocks });
            var stream = session.OpenStream();
            var id = stream.Id;
            var pipe = stream.AsDuplexPipe();
            peer.Send(Frames.Data(id, "before"));
            Task reading = null!;
            Task writing = null!;

            threads.Run(
                () => reading = ReadAsync(pipe.Input),
                () => writing = WriteAsync(pipe.Output),
                () => s_ends[end](stream, peer, id),
                () => peer.Send(Frames.Data(id, "after")));

            // Whoever still waits is sent home.
            pipe.Input.CancelPendingRead();
            pipe.Output.CancelPendingFlush();
            await Task.WhenAll(reading, writing).WaitAsync(cancellationToken);
            session.Abort();
            await session.Completion.WaitAsync(cancellationToken);
            await peer.DrainAsync();
            peer.Sent.Verify(isWhole: false);
        }

        await Timing.Until(() => blocks.Outstanding == 0, "every rented block has come back");
    }

    private static async Task ReadAsync(PipeReader input)
    {
        try
        {
            ReadResult result;
            do
            {
                result = await input.ReadAsync().ConfigureAwait(false);
                input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            }
            while (!result.IsCompleted && !result.IsCanceled);
        }
        catch (Exception failure) when (Fails.IsOrderly(failure))
        {
            // The stream has ended.
        }

        await input.CompleteAsync().ConfigureAwait(false);
    }

    private static async Task WriteAsync(PipeWriter output)
    {
        try
        {
            FlushResult result;
            do
            {
                output.GetSpan(20_000)[..20_000].Fill(SentFrames.Content);
                output.Advance(20_000);
                result = await output.FlushAsync().ConfigureAwait(false);
            }
            while (!result.IsCompleted && !result.IsCanceled);
            await output.CompleteAsync(new IOException("enough")).ConfigureAwait(false);
        }
        catch (Exception failure) when (Fails.IsOrderly(failure))
        {
            await output.CompleteAsync(failure).ConfigureAwait(false);
        }
    }
}
