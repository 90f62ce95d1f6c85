using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.StreamSemantics;

public sealed class DisposalTests(TransportKind kind) : OverEachTransport(kind)
{
    private static readonly TimeSpan s_atOnce = TimeSpan.FromSeconds(1);

    [Test]
    public async Task Disposing_completes_a_pending_read_at_once()
    {
        var (opened, _) = await OpenAsync();
        var buffer = new byte[100];
        var reading = opened.ReadAsync(buffer).AsTask();

        await opened.DisposeAsync();

        Assert.That(Fails.IsOrderly(await Fails.With<Exception>(reading.WaitAsync(s_atOnce))));
        Assert.That(buffer, Is.All.Zero);
    }

    [Test]
    public async Task Disposing_completes_a_pending_write_at_once()
    {
        var (opened, accepted) = await OpenAsync();
        var (write, memory) = BlockedWrite(opened);
        await Timing.StaysPending(write, "A write beyond the window");

        await opened.DisposeAsync();

        Assert.That(Fails.IsOrderly(await Fails.With<Exception>(write.WaitAsync(s_atOnce))));
        memory.AsSpan().Fill(0xEE);
        await Fails.With(MuxadoError.StreamAborted, () => Pattern.VerifyToEndAsync(accepted));
    }

    [Test]
    public async Task Disposing_after_a_blocking_write_that_sent_a_part_and_timed_out_is_a_reset()
    {
        var (opened, accepted) = await OpenAsync();
        await opened.WriteAsync(new byte[60_000]).Soon();
        opened.WriteTimeout = 20;
        await Fails.With(MuxadoError.DeadlineExceeded, () => Task.Run(() => opened.Write(new byte[10_000])));

        await opened.DisposeAsync();

        await Fails.With(MuxadoError.StreamAborted, () => Pattern.DrainAsync(accepted));
    }

    [Test]
    public async Task Disposing_completes_a_blocking_read_at_once()
    {
        var (opened, _) = await OpenAsync();
        var reading = Task.Run(() => opened.Read(new byte[100]));
        await Timing.StaysPending(reading, "A blocking read without data");

        await opened.DisposeAsync();

        Assert.That(Fails.IsOrderly(await Fails.With<Exception>(reading.WaitAsync(s_atOnce))));
    }

    [Test]
    public async Task Disposing_twice_is_harmless_and_later_use_says_disposed()
    {
        var (opened, _) = await OpenAsync();

        await opened.DisposeAsync();
        await opened.DisposeAsync();
        opened.Dispose();

        await Fails.With<ObjectDisposedException>(() => opened.ReadAsync(new byte[1]).AsTask());
        await Fails.With<ObjectDisposedException>(() => opened.WriteAsync(new byte[1]).AsTask());
        Assert.That(() => opened.Read(new byte[1]), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(opened.CanRead || opened.CanWrite, Is.False);
    }

    [TestCase(100)]
    [TestCase(60_000)]
    public async Task What_was_written_before_disposal_arrives_and_then_the_end(int size)
    {
        var (opened, accepted) = await OpenAsync();

        await opened.WriteAsync(Pattern.Bytes(size)).Soon();
        await opened.FlushAsync().Soon();
        await opened.DisposeAsync();

        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(size));
    }

    [Test]
    public async Task A_peer_that_keeps_writing_to_a_disposed_stream_is_told()
    {
        var (opened, accepted) = await OpenAsync();

        await opened.DisposeAsync();

        var failure = await Fails.With(MuxadoError.StreamAborted, async () =>
        {
            while (true)
                await accepted.WriteAsync(new byte[1_000]);
        });
        Assert.That(failure.IsRetrySafe, Is.False);
    }

    [Test]
    public async Task A_peer_whose_data_was_never_read_is_told()
    {
        var (opened, accepted) = await OpenAsync();
        await accepted.WriteAsync(new byte[1_000]).Soon();
        await opened.ReadAsync(Memory<byte>.Empty).Soon();

        await opened.DisposeAsync();

        await Fails.With(MuxadoError.StreamAborted, accepted.WritesClosed);
    }

    [Test]
    public async Task A_stream_disposed_before_its_first_write_leaves_the_session_in_order()
    {
        for (var i = 0; i < 50; i++)
            await Pair.Client.OpenStream().DisposeAsync();

        var opened = Pair.Client.OpenStream();
        await opened.WriteAsync(Pattern.Bytes(100), completeWrites: true).Soon();
        for (var i = 0; i < 50; i++)
        {
            await using var empty = await Pair.Server.AcceptStreamAsync().Soon();
            Assert.That(await empty.ReadAsync(new byte[1]).Soon(), Is.Zero);
        }

        var accepted = await Pair.Server.AcceptStreamAsync().Soon();
        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(100));
    }

    [Test]
    public async Task Streams_leave_the_count_of_active_streams_when_both_ends_are_done()
    {
        var (opened, accepted) = await OpenAsync();
        Assert.That((Pair.Client.ActiveStreams, Pair.Server.ActiveStreams), Is.EqualTo((1, 1)));

        await opened.DisposeAsync();
        await accepted.DisposeAsync();

        await Timing.Until(() => Pair.Client.ActiveStreams + Pair.Server.ActiveStreams == 0, "no stream is active");
    }
}
