using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.StreamSemantics;

public sealed class CancellationTests(TransportKind kind) : OverEachTransport(kind)
{
    [Test]
    public async Task A_cancelled_read_never_touches_its_buffer_and_loses_no_byte()
    {
        var (opened, accepted) = await OpenAsync();
        using var cancellation = new CancellationTokenSource();
        var buffer = new byte[1_000];
        var reading = accepted.ReadAsync(buffer, cancellation.Token).AsTask();

        await cancellation.CancelAsync();
        var failure = await Fails.With<OperationCanceledException>(reading);
        await opened.WriteAsync(Pattern.Bytes(1_000, from: 1)).Soon();
        await Pattern.VerifyAsync(accepted, 1_000, from: 1);

        Assert.That(failure.CancellationToken, Is.EqualTo(cancellation.Token));
        Assert.That(buffer, Is.All.Zero);
    }

    [Test]
    public async Task A_read_with_a_cancelled_token_fails_and_leaves_waiting_data_in_place()
    {
        var (opened, accepted) = await OpenAsync();
        await opened.WriteAsync(Pattern.Bytes(100)).Soon();
        await accepted.ReadAsync(Memory<byte>.Empty).Soon();

        await Fails.With<OperationCanceledException>(() => accepted.ReadAsync(new byte[100], new CancellationToken(true)).AsTask());

        await Pattern.VerifyAsync(accepted, 100);
    }

    [Test]
    public async Task Reads_cancelled_at_any_moment_lose_no_byte()
    {
        const int Size = 400_000;
        var (opened, accepted) = await OpenAsync();
        var writing = WriteSlowlyAsync(opened);
        var random = new Random(7);
        var position = 0L;
        var cancelled = 0;

        while (position < Size)
        {
            using var cancellation = new CancellationTokenSource();
            var buffer = new byte[random.Next(1, 3_000)];
            var reading = accepted.ReadAsync(buffer, cancellation.Token).AsTask();
            if (random.Next(2) == 0)
                await Task.Yield();

            await cancellation.CancelAsync();
            try
            {
                var count = await reading.Soon();
                Pattern.Verify(buffer.AsSpan(0, count), position);
                position += count;
            }
            catch (OperationCanceledException)
            {
                cancelled++;
                Assert.That(buffer, Is.All.Zero, "a cancelled read wrote into its buffer");
            }
        }

        await writing.Soon();
        Assert.That(cancelled, Is.Positive);

        static async Task WriteSlowlyAsync(MuxadoStream stream)
        {
            for (var position = 0; position < Size; position += 500)
            {
                await stream.WriteAsync(Pattern.Bytes(500, position)).Soon();
                await Task.Yield();
            }
        }
    }

    [Test]
    public async Task A_cancelled_write_leaves_a_prefix_on_the_wire_and_never_looks_at_its_memory_again()
    {
        var (opened, accepted) = await OpenAsync();
        using var cancellation = new CancellationTokenSource();
        var (write, memory) = BlockedWrite(opened, cancellation.Token);
        await Timing.StaysPending(write, "A write beyond the window");

        await cancellation.CancelAsync();
        await Fails.With<OperationCanceledException>(write);
        memory.AsSpan().Fill(0xEE);
        var marker = new byte[] { 1, 2, 3, 4, 5 };
        var afterwards = opened.WriteAsync(marker, completeWrites: true).AsTask();
        using var content = new MemoryStream();
        await accepted.CopyToAsync(content).Soon();
        await afterwards.Soon();

        var received = content.ToArray();
        Pattern.Verify(received.AsSpan(0, received.Length - marker.Length), 0);
        Assert.That(received[^marker.Length..], Is.EqualTo(marker));
    }

    [Test]
    public async Task A_write_with_a_cancelled_token_sends_nothing()
    {
        var (opened, accepted) = await OpenAsync();

        await Fails.With<OperationCanceledException>(() => opened.WriteAsync(new byte[100], new CancellationToken(true)).AsTask());
        opened.CompleteWrites();

        Assert.That(await accepted.ReadAsync(new byte[100]).Soon(), Is.Zero);
    }

    [Test]
    public async Task A_cancelled_write_that_was_to_complete_writes_leaves_them_open()
    {
        var (opened, accepted) = await OpenAsync();
        using var cancellation = new CancellationTokenSource();
        var write = opened.WriteAsync(Pattern.Bytes(4 * 1024 * 1024), completeWrites: true, cancellation.Token).AsTask();
        await Timing.StaysPending(write, "A write beyond the window");

        await cancellation.CancelAsync();
        await Fails.With<OperationCanceledException>(write);
        var marker = opened.WriteAsync(new byte[] { 0xAB }, completeWrites: true).AsTask();
        using var content = new MemoryStream();
        await accepted.CopyToAsync(content).Soon();
        await marker.Soon();

        Assert.That(content.ToArray()[^1], Is.EqualTo(0xAB));
    }

    [Test]
    public async Task Writes_cancelled_at_any_moment_never_tear_the_stream_or_the_session()
    {
        var (opened, accepted) = await OpenAsync();
        var draining = Pattern.DrainAsync(accepted);
        var random = new Random(11);

        for (var i = 0; i < 300; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var write = opened.WriteAsync(new byte[random.Next(1, 100_000)], cancellation.Token).AsTask();
            if (random.Next(2) == 0)
                await Task.Yield();

            await cancellation.CancelAsync();
            try
            {
                await write.Soon();
            }
            catch (OperationCanceledException)
            {
                // expected of about half of them
            }
        }

        opened.CompleteWrites();
        await draining.Soon();
        await WireSettles(Pair.Client);
    }
}
