using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.StreamSemantics;

public sealed class HandleTests(TransportKind kind) : OverEachTransport(kind)
{
    [Test]
    public async Task A_handle_opens_carries_data_both_ways_and_closes()
    {
        var opened = Pair.Client.OpenHandle(new MuxadoStreamOptions { Priority = 3, StreamType = 9 });
        await opened.WriteAsync(Pattern.Bytes(5_000), completeWrites: true).Soon();
        var accepted = await Pair.Server.AcceptHandleAsync().Soon();
        await accepted.WriteAsync(Pattern.Bytes(100)).Soon();
        accepted.CompleteWrites();

        Assert.That((accepted.Id, accepted.Priority, accepted.StreamType), Is.EqualTo((opened.Id, 3u, 9u)));
        Assert.That(await Pattern.VerifyToEndAsync(accepted.AsStream()), Is.EqualTo(5_000));
        Assert.That(await Pattern.VerifyToEndAsync(opened.AsStream()), Is.EqualTo(100));
        opened.Dispose();
        accepted.Dispose();
        await Timing.Until(() => Pair.Client.ActiveStreams + Pair.Server.ActiveStreams == 0, "no stream is active");
    }

    [Test]
    public async Task A_stale_handle_says_disposed_for_every_member()
    {
        var handle = await OpenAndDisposeAsync();

        await AssertStaleAsync(handle);
    }

    [Test]
    public async Task A_handle_never_reaches_the_stream_that_reuses_its_core()
    {
        var stale = await OpenAndDisposeAsync();
        var successors = new List<StreamPair>();
        for (var i = 0; i < 20; i++)
            successors.Add(await OpenAsync());

        await AssertStaleAsync(stale);

        foreach (var (opened, accepted) in successors)
        {
            await opened.WriteAsync(Pattern.Bytes(10), completeWrites: true).Soon();
            Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(10));
        }
    }

    [Test]
    public async Task A_facade_of_a_recycled_core_says_disposed_too()
    {
        var (opened, accepted) = await OpenAsync();
        await opened.DisposeAsync();
        await accepted.DisposeAsync();
        await Timing.Until(() => Pair.Client.ActiveStreams == 0, "the stream is gone");
        var successor = await OpenAsync();

        await Fails.With<ObjectDisposedException>(() => opened.WriteAsync(new byte[10]).AsTask());
        Assert.That(() => opened.Abort(), Throws.InstanceOf<ObjectDisposedException>());
        opened.Dispose();

        await successor.Opened.WriteAsync(Pattern.Bytes(10), completeWrites: true).Soon();
        Assert.That(await Pattern.VerifyToEndAsync(successor.Accepted), Is.EqualTo(10));
    }

    [Test]
    public async Task A_handle_that_was_never_opened_is_rejected()
    {
        MuxadoStreamHandle none = default;

        await Fails.With<InvalidOperationException>(() => none.ReadAsync(new byte[1]).AsTask());
        await Fails.With<InvalidOperationException>(() => none.WriteAsync(new byte[1]).AsTask());
        none.Dispose();
    }

    [Test]
    public async Task A_read_awaited_twice_fails_and_disturbs_no_later_read()
    {
        var (opened, accepted) = await OpenAsync();
        var handle = accepted.Handle;
        var reading = handle.ReadAsync(new byte[10]);
        Assert.That(reading.IsCompleted, Is.False, "the test needs a read that waits");
        await opened.WriteAsync(Pattern.Bytes(10)).Soon();
        await Timing.Until(() => reading.IsCompleted, "the read has ended");
        Assert.That(await reading, Is.EqualTo(10));

        var next = handle.ReadAsync(new byte[10]).AsTask();
        await Fails.With<InvalidOperationException>(async () => await reading);
        await opened.WriteAsync(new byte[4]).Soon();

        Assert.That(await next.Soon(), Is.EqualTo(4));
    }

    [Test]
    public async Task A_write_awaited_twice_fails_and_disturbs_no_later_write()
    {
        var (opened, accepted) = await OpenAsync();
        var handle = opened.Handle;
        var memory = Pattern.Bytes(3 * 1024 * 1024);
        var writing = handle.WriteAsync(memory);
        Assert.That(writing.IsCompleted, Is.False, "the test needs a write that waits");
        await Pattern.VerifyAsync(accepted, memory.Length);
        await Timing.Until(() => writing.IsCompleted, "the write has ended");
        await writing;

        var next = handle.WriteAsync(memory).AsTask();
        await Fails.With<InvalidOperationException>(async () => await writing);
        await Pattern.VerifyAsync(accepted, memory.Length);

        await next.Soon();
    }

    [Test]
    public async Task A_result_that_is_taken_too_early_disturbs_nobody()
    {
        var (opened, accepted) = await OpenAsync();
        var (otherOpened, otherAccepted) = await OpenAsync();
        var memory = Pattern.Bytes(3 * 1024 * 1024);
        var reading = accepted.Handle.ReadAsync(new byte[10]);
        Assert.That(() => reading.Result, Throws.InvalidOperationException);
        var writing = opened.Handle.WriteAsync(memory);
        Assert.That(() => writing.GetAwaiter().GetResult(), Throws.InvalidOperationException);
        var accepting = Pair.Client.AcceptHandleAsync();
        Assert.That(() => accepting.Result, Throws.InvalidOperationException);

        // The next operations, which would get the same objects.
        var otherBytes = new byte[10];
        var otherReading = otherAccepted.Handle.ReadAsync(otherBytes).AsTask();
        var otherAccepting = Pair.Client.AcceptHandleAsync().AsTask();

        Assert.That(await reading.AsTask().Soon(), Is.EqualTo(10));
        var draining = Pattern.VerifyAsync(accepted, memory.Length - 10, from: 10);
        await writing.AsTask().Soon();
        await draining;
        Assert.That(otherReading.IsCompleted, Is.False);
        await otherOpened.WriteAsync(Pattern.Bytes(5, from: 3)).Soon();
        Assert.That(await otherReading.Soon(), Is.EqualTo(5));
        Pattern.Verify(otherBytes.AsSpan(0, 5), from: 3);

        await using var first = Pair.Server.OpenStream();
        await first.WriteAsync(new byte[1]).Soon();
        await using var firstAccepted = (await accepting.AsTask().Soon()).AsStream();
        Assert.That(otherAccepting.IsCompleted, Is.False);
        await using var second = Pair.Server.OpenStream();
        await second.WriteAsync(new byte[1]).Soon();
        await using var secondAccepted = (await otherAccepting.Soon()).AsStream();
        Assert.That((firstAccepted.Id, secondAccepted.Id), Is.EqualTo((first.Id, second.Id)));
    }

    [Test]
    public async Task A_read_awaited_after_its_core_went_to_another_stream_fails()
    {
        var (opened, accepted) = await OpenAsync();
        var reading = opened.Handle.ReadAsync(new byte[10]);
        await accepted.WriteAsync(new byte[10]).Soon();
        await Timing.Until(() => reading.IsCompleted, "the read has ended");
        await reading;
        await opened.DisposeAsync();
        await accepted.DisposeAsync();
        await Timing.Until(() => Pair.Client.ActiveStreams == 0, "the stream is gone");
        var successor = await OpenAsync();
        var next = successor.Opened.ReadAsync(new byte[10]).AsTask();

        await Fails.With<InvalidOperationException>(async () => await reading);

        await successor.Accepted.WriteAsync(new byte[6]).Soon();
        Assert.That(await next.Soon(), Is.EqualTo(6));
    }

    [Test]
    public async Task Facades_of_one_handle_are_one_stream()
    {
        var (opened, accepted) = await OpenAsync();
        var other = opened.Handle.AsStream();

        await other.WriteAsync(Pattern.Bytes(10), completeWrites: true).Soon();

        Assert.That(other.Id, Is.EqualTo(opened.Id));
        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(10));
        Assert.That(opened.Session, Is.SameAs(Pair.Client));
    }

    private async Task<MuxadoStreamHandle> OpenAndDisposeAsync()
    {
        var (opened, accepted) = await OpenAsync();
        await opened.DisposeAsync();
        await accepted.DisposeAsync();
        await Timing.Until(() => Pair.Client.ActiveStreams == 0, "the stream is gone");
        return opened.Handle;
    }

    private static async Task AssertStaleAsync(MuxadoStreamHandle stale)
    {
        await Fails.With<ObjectDisposedException>(() => stale.ReadAsync(new byte[1]).AsTask());
        await Fails.With<ObjectDisposedException>(() => stale.WriteAsync(new byte[1]).AsTask());
        Assert.That(() => stale.TryRead(new byte[1], out _), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => stale.TryWrite(new byte[1], out _), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(stale.CompleteWrites, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => stale.Id, Throws.InstanceOf<ObjectDisposedException>());

        Assert.That(() => stale.Abort(), Throws.InstanceOf<ObjectDisposedException>());
        stale.Dispose();
    }
}
