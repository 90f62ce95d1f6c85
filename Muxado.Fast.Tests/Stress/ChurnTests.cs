using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Stress;

/// <summary>Streams live and die at random on both sides; afterwards the session still works and nothing is left behind.</summary>
[Category("Concurrency")]
public sealed class ChurnTests(TransportKind kind) : OverEachTransport(kind)
{
    private const int Workers = 8;
    private const uint LastType = 99;

    /// <summary>Few enough that those reset before anyone accepts them stay far below what a session bears from its peer.</summary>
    private const int StreamsPerWorker = 400;

    [TestCase(1)]
    [TestCase(2)]
    public async Task Nothing_hangs_and_nothing_is_left(int seed)
    {
        using var stopAccepting = new CancellationTokenSource();
        var opening = new List<Task>();
        var accepting = new List<Task>();
        for (var i = 0; i < Workers; i++)
        {
            opening.Add(OpenAsync(i % 2 == 0 ? Pair.Client : Pair.Server, new Random((seed * 1_000) + i)));
            accepting.Add(AcceptAsync(i % 2 == 0 ? Pair.Server : Pair.Client, new Random((seed * 2_000) + i), stopAccepting.Token));
        }

        await Task.WhenAll(opening).WaitAsync(TimeSpan.FromSeconds(60));
        await Timing.Until(() => Pair.Client.ActiveStreams + Pair.Server.ActiveStreams == 0, "no stream is left");
        await stopAccepting.CancelAsync();
        await Task.WhenAll(accepting).Soon();

        // A stream that its opener aborted at once may still be on its way, so the last one has to be told from it.
        await using var last = Pair.Client.OpenStream(new MuxadoStreamOptions { StreamType = LastType });
        await last.WriteAsync(Pattern.Bytes(50_000), completeWrites: true).Soon();
        Assert.That(await Pattern.VerifyToEndAsync(await AcceptLastAsync(Pair.Server)), Is.EqualTo(50_000));
    }

    private static async Task<MuxadoStream> AcceptLastAsync(MuxadoSession session)
    {
        while (true)
        {
            var accepted = await session.AcceptStreamAsync().Soon();
            if (accepted.StreamType == LastType)
                return accepted;

            await accepted.DisposeAsync();
        }
    }

    private static async Task OpenAsync(MuxadoSession session, Random random)
    {
        for (var i = 0; i < StreamsPerWorker; i++)
            await LiveAsync(session.OpenStream(new MuxadoStreamOptions { Priority = (uint)random.Next(4) }), random);
    }

    private static async Task AcceptAsync(MuxadoSession session, Random random, CancellationToken stop)
    {
        try
        {
            while (true)
                await LiveAsync(await session.AcceptStreamAsync(stop), random);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // the churn is over
        }
    }

    /// <summary>A short life: some reads and writes, each perhaps cancelled, and one of many ends.</summary>
    private static async Task LiveAsync(MuxadoStream stream, Random random)
    {
        await using (stream)
        {
            try
            {
                for (var step = random.Next(6); step > 0; step--)
                {
                    using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(1, 10)));
                    await StepAsync(stream, random, cancellation.Token).Soon();
                }
            }
            catch (Exception failure) when (Fails.IsOrderly(failure) || failure.GetType() == typeof(InvalidOperationException))
            {
                // the other side ended it first, or this side writes after it has completed its writes
            }
        }
    }

    private static async Task StepAsync(MuxadoStream stream, Random random, CancellationToken cancellationToken)
    {
        try
        {
            switch (random.Next(7))
            {
                case 0:
                    await stream.WriteAsync(new byte[random.Next(1, 3_000)], cancellationToken);
                    break;
                case 1:
                    await stream.WriteAsync(new byte[random.Next(1, 200_000)], completeWrites: random.Next(2) == 0, cancellationToken);
                    break;
                case 2:
                    stream.CompleteWrites();
                    break;
                case 3:
                    stream.Abort();
                    break;
                case 4:
                    await stream.DisposeAsync();
                    break;
                default:
                    await stream.ReadAsync(new byte[random.Next(1, 5_000)].AsMemory(), cancellationToken).AsTask();
                    break;
            }
        }
        catch (OperationCanceledException)
        {
            // the step took too long for its own patience
        }
    }
}
