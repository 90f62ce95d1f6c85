using System.Buffers;
using System.IO.Pipelines;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Pipes;

/// <summary>Both directions at once, in random pieces, looks and cancellations: every byte arrives once and in order.</summary>
[Category("Concurrency")]
public sealed class PipeStressTests(TransportKind kind) : OverEachTransport(kind)
{
    private const int TotalBytes = 3_000_000;

    [Test]
    [CancelAfter(60_000)]
    public async Task Random_pieces_looks_and_cancellations_lose_and_repeat_nothing([Values(1, 2, 3)] int seed, CancellationToken timeout)
    {
        var (opened, accepted) = await OpenAsync();
        var (left, right) = (opened.AsDuplexPipe(), accepted.AsDuplexPipe());

        await Task.WhenAll(
            TransferAsync(left, right, seed, timeout),
            TransferAsync(right, left, seed + 100, timeout)).WaitAsync(timeout);

        foreach (var pipe in new[] { left, right })
        {
            await pipe.Input.CompleteAsync();
            await pipe.Output.CompleteAsync();
        }
    }

    private static async Task TransferAsync(IDuplexPipe from, IDuplexPipe to, int seed, CancellationToken timeout)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout);
        var canceller = CancelAsync(from.Output, to.Input, new Random(seed + 1_000), ended.Token);
        await Task.WhenAll(
            Task.Run(() => WriteAsync(from.Output, new Random(seed), timeout), timeout),
            Task.Run(() => ReadAsync(to.Input, new Random(seed + 2_000), timeout), timeout));
        await ended.CancelAsync();
        await canceller;
    }

    private static async Task CancelAsync(PipeWriter output, PipeReader input, Random random, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            if (random.Next(2) == 0)
                output.CancelPendingFlush();
            else
                input.CancelPendingRead();
            for (var i = random.Next(20); i >= 0; i--)
                await Task.Yield();
        }
    }

    private static async Task WriteAsync(PipeWriter output, Random random, CancellationToken timeout)
    {
        for (var at = 0; at < TotalBytes;)
        {
            var count = Math.Min(random.Next(4) == 0 ? random.Next(1, 200_000) : random.Next(1, 3_000), TotalBytes - at);
            var bytes = Pattern.Bytes(count, from: at);
            at += count;
            if (random.Next(2) == 0)
            {
                await output.WriteAsync(bytes, timeout);
                Array.Clear(bytes);
                continue;
            }

            bytes.CopyTo(output.GetSpan(count));
            output.Advance(count);
            if (random.Next(3) == 0)
                await output.FlushAsync(timeout);
        }

        do
            await output.FlushAsync(timeout);
        while (output.UnflushedBytes > 0);
    }

    private static async Task ReadAsync(PipeReader input, Random random, CancellationToken timeout)
    {
        for (var at = 0; at < TotalBytes;)
        {
            var read = await input.ReadAsync(timeout);
            Assert.That(read.IsCompleted, Is.False);
            Pattern.Verify(read.Buffer.ToArray(), from: at);
            var consumed = random.Next(4) == 0 ? random.Next((int)read.Buffer.Length + 1) : (int)read.Buffer.Length;
            var examined = random.Next(2) == 0 ? (int)read.Buffer.Length : random.Next(consumed, (int)read.Buffer.Length + 1);
            at += consumed;
            input.AdvanceTo(read.Buffer.GetPosition(consumed), read.Buffer.GetPosition(examined));
        }
    }
}
