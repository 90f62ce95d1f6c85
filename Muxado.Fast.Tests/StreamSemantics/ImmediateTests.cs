using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.StreamSemantics;

/// <summary>Operations that do not wait, and reads of nothing, which wait for data without taking it.</summary>
public sealed class ImmediateTests(TransportKind kind) : OverEachTransport(kind)
{
    [Test]
    public async Task Trying_to_read_declines_until_there_is_data_and_then_takes_it()
    {
        var (opened, accepted) = await OpenAsync();
        var buffer = new byte[100];
        Assert.That(accepted.TryRead(buffer, out var count), Is.False);
        Assert.That(count, Is.Zero);

        await opened.WriteAsync(Pattern.Bytes(30)).Soon();
        await accepted.ReadAsync(Memory<byte>.Empty).Soon();

        Assert.That(accepted.TryRead(buffer, out count), Is.True);
        Assert.That(count, Is.EqualTo(30));
        Pattern.Verify(buffer.AsSpan(0, 30), 0);
        Assert.That(accepted.TryRead(buffer, out _), Is.False);
    }

    [Test]
    public async Task Trying_to_read_at_the_end_yields_zero_bytes()
    {
        var (opened, accepted) = await OpenAsync();

        opened.CompleteWrites();
        Assert.That(await accepted.ReadAsync(new byte[1]).Soon(), Is.Zero);

        Assert.That(accepted.TryRead(new byte[10], out var count), Is.True);
        Assert.That(count, Is.Zero);
    }

    [Test]
    public async Task Trying_to_write_takes_what_the_window_allows_and_no_more()
    {
        var (opened, accepted) = await OpenAsync();
        long taken = 0;
        while (opened.TryWrite(Pattern.Bytes(1_000, from: taken), out var count))
        {
            Assert.That(count, Is.Positive.And.LessThanOrEqualTo(1_000));
            taken += count;
            Assert.That(taken, Is.LessThan(10_000_000), "nobody reads, so the window has to end this");
        }

        opened.CompleteWrites();

        Assert.That(taken, Is.Positive);
        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(taken));
    }

    [Test]
    public async Task Attempts_alone_can_carry_a_whole_transfer()
    {
        const int Size = 500_000;
        var (opened, accepted) = await OpenAsync();
        var writing = Task.Run(async () =>
        {
            for (var position = 0; position < Size;)
            {
                if (opened.TryWrite(Pattern.Bytes(Math.Min(1_500, Size - position), position), out var count))
                    position += count;
                else
                    await Task.Delay(1);
            }

            opened.CompleteWrites();
        });

        var buffer = new byte[4_000];
        for (var position = 0L; ;)
        {
            await accepted.ReadAsync(Memory<byte>.Empty).Soon();
            if (!accepted.TryRead(buffer, out var count))
                continue;

            if (count == 0)
            {
                Assert.That(position, Is.EqualTo(Size));
                break;
            }

            Pattern.Verify(buffer.AsSpan(0, count), position);
            position += count;
        }

        await writing.Soon();
    }

    [Test]
    public async Task A_read_of_nothing_waits_for_data_and_leaves_it_in_place()
    {
        var (opened, accepted) = await OpenAsync();
        var reading = accepted.ReadAsync(Memory<byte>.Empty).AsTask();
        await Timing.StaysPending(reading, "A read of nothing without data");

        await opened.WriteAsync(Pattern.Bytes(50)).Soon();

        Assert.That(await reading.Soon(), Is.Zero);
        Assert.That(await accepted.ReadAsync(Memory<byte>.Empty).Soon(), Is.Zero);
        await Pattern.VerifyAsync(accepted, 50);
    }

    [Test]
    public async Task A_read_of_nothing_ends_at_the_end_of_the_stream()
    {
        var (opened, accepted) = await OpenAsync();
        var reading = accepted.ReadAsync(Memory<byte>.Empty).AsTask();

        opened.CompleteWrites();

        Assert.That(await reading.Soon(), Is.Zero);
        Assert.That(await accepted.ReadAsync(new byte[1]).Soon(), Is.Zero);
    }

    [Test]
    public async Task A_read_of_nothing_fails_when_the_peer_aborts()
    {
        var (opened, accepted) = await OpenAsync();
        var reading = accepted.ReadAsync(Memory<byte>.Empty).AsTask();

        opened.Abort();

        await Fails.With(MuxadoError.StreamAborted, reading);
    }

    [Test]
    public async Task A_write_of_nothing_succeeds_even_without_credit()
    {
        var (opened, accepted) = await OpenAsync();
        while (opened.TryWrite(new byte[1_000], out _))
        {
            // until the window is full
        }

        await opened.WriteAsync(ReadOnlyMemory<byte>.Empty).Soon();
        opened.CompleteWrites();

        Assert.That(await Pattern.DrainAsync(accepted), Is.Positive);
    }
}
