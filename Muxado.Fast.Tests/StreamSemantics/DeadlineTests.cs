using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.StreamSemantics;

public sealed class DeadlineTests(TransportKind kind) : OverEachTransport(kind)
{
    private static DateTimeOffset Past => DateTimeOffset.UtcNow - TimeSpan.FromSeconds(1);

    private static DateTimeOffset Shortly => DateTimeOffset.UtcNow + TimeSpan.FromMilliseconds(50);

    private static DateTimeOffset Late => DateTimeOffset.UtcNow + TimeSpan.FromHours(1);

    [Test]
    public async Task A_past_deadline_fails_reads_and_writes_until_it_is_cleared()
    {
        var (opened, accepted) = await OpenAsync();

        opened.SetDeadline(Past);
        for (var i = 0; i < 2; i++)
        {
            await Fails.With(MuxadoError.DeadlineExceeded, () => opened.ReadAsync(new byte[10]).AsTask());
            await Fails.With(MuxadoError.DeadlineExceeded, () => opened.WriteAsync(new byte[10]).AsTask());
        }

        opened.SetDeadline(null);
        await opened.WriteAsync(Pattern.Bytes(10)).Soon();
        await accepted.WriteAsync(Pattern.Bytes(20)).Soon();
        await Pattern.VerifyAsync(accepted, 10);
        await Pattern.VerifyAsync(opened, 20);
    }

    [Test]
    public async Task A_deadline_wakes_a_pending_read_which_loses_no_byte()
    {
        var (opened, accepted) = await OpenAsync();
        var buffer = new byte[100];
        accepted.ReadDeadline = Shortly;

        await Fails.With(MuxadoError.DeadlineExceeded, () => accepted.ReadAsync(buffer).AsTask());
        await opened.WriteAsync(Pattern.Bytes(100, from: 1)).Soon();
        accepted.ReadDeadline = null;
        await Pattern.VerifyAsync(accepted, 100, from: 1);

        Assert.That(buffer, Is.All.Zero);
    }

    [Test]
    public async Task A_deadline_wakes_a_write_that_waits_for_credit()
    {
        var (opened, accepted) = await OpenAsync();
        var (write, memory) = BlockedWrite(opened);
        opened.WriteDeadline = Shortly;

        await Fails.With(MuxadoError.DeadlineExceeded, write);
        memory.AsSpan().Fill(0xEE);
        opened.WriteDeadline = null;
        opened.CompleteWrites();

        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.Positive);
    }

    [Test]
    public async Task A_deadline_set_into_the_past_wakes_what_is_pending()
    {
        var (opened, _) = await OpenAsync();
        var reading = opened.ReadAsync(new byte[10]).AsTask();
        var (write, _) = BlockedWrite(opened);
        await Timing.StaysPending(write, "A write beyond the window");

        opened.SetDeadline(Past);

        await Fails.With(MuxadoError.DeadlineExceeded, reading);
        await Fails.With(MuxadoError.DeadlineExceeded, write);
    }

    [Test]
    public async Task A_deadline_may_be_moved_nearer_and_farther_and_cleared_while_a_read_waits()
    {
        // On a clock that stands still meanwhile no deadline passes before it is moved.
        var clock = new ManualTimeProvider();
        await using var pair = await SessionPair.ConnectAsync(Kind, new() { TimeProvider = clock, HeartbeatInterval = Timeout.InfiniteTimeSpan });
        var (opened, accepted) = await pair.OpenAsync();
        var reading = opened.ReadAsync(new byte[10]).AsTask();

        opened.ReadDeadline = In(TimeSpan.FromHours(1));
        opened.ReadDeadline = In(TimeSpan.FromMilliseconds(80));
        opened.ReadDeadline = In(TimeSpan.FromHours(1));
        clock.Advance(TimeSpan.FromMinutes(1));
        await Timing.StaysPending(reading, "A read whose deadline moved away");
        opened.ReadDeadline = In(TimeSpan.FromMilliseconds(50));
        clock.Advance(TimeSpan.FromMilliseconds(100));
        await Fails.With(MuxadoError.DeadlineExceeded, reading);

        opened.ReadDeadline = In(TimeSpan.FromMilliseconds(50));
        opened.ReadDeadline = null;
        var next = opened.ReadAsync(new byte[10]).AsTask();
        clock.Advance(TimeSpan.FromMinutes(1));
        await Timing.StaysPending(next, "A read whose deadline was cleared");
        await accepted.WriteAsync(new byte[3]).Soon();
        Assert.That(await next.Soon(), Is.EqualTo(3));

        DateTimeOffset In(TimeSpan delay) => clock.GetUtcNow() + delay;
    }

    [Test]
    public async Task Read_and_write_deadlines_are_apart()
    {
        var (opened, accepted) = await OpenAsync();

        opened.ReadDeadline = Past;
        await opened.WriteAsync(new byte[10]).Soon();
        accepted.WriteDeadline = Past;
        await accepted.ReadExactlyAsync(new byte[10]).AsTask().Soon();

        Assert.That((opened.WriteDeadline, accepted.ReadDeadline), Is.EqualTo(((DateTimeOffset?)null, (DateTimeOffset?)null)));
    }

    [Test]
    public async Task A_deadline_reads_back_as_it_was_set()
    {
        var (opened, _) = await OpenAsync();
        var late = Late;

        opened.SetDeadline(late);

        Assert.That(opened.ReadDeadline!.Value, Is.EqualTo(late).Within(TimeSpan.FromMilliseconds(100)));
        Assert.That(opened.WriteDeadline!.Value, Is.EqualTo(late).Within(TimeSpan.FromMilliseconds(100)));
    }

    [Test]
    public async Task A_deadline_neither_harms_the_peer_nor_ends_the_stream()
    {
        var (opened, accepted) = await OpenAsync();
        var reading = accepted.ReadAsync(new byte[10]).AsTask();
        opened.ReadDeadline = Shortly;

        await Fails.With(MuxadoError.DeadlineExceeded, () => opened.ReadAsync(new byte[10]).AsTask());

        await Timing.StaysPending(reading, "The peer's read");
        await opened.WriteAsync(new byte[4]).Soon();
        Assert.That(await reading.Soon(), Is.EqualTo(4));
    }

    [Test]
    public async Task Many_streams_keep_their_own_deadlines()
    {
        var reads = new List<(MuxadoStream Stream, Task Read)>();
        for (var i = 0; i < 50; i++)
        {
            var (opened, _) = await OpenAsync();
            opened.ReadDeadline = i % 2 == 0 ? Shortly : Late;
            reads.Add((opened, opened.ReadAsync(new byte[10]).AsTask()));
        }

        for (var i = 0; i < reads.Count; i += 2)
            await Fails.With(MuxadoError.DeadlineExceeded, reads[i].Read);

        Assert.That(reads.Where((_, i) => i % 2 == 1).Select(read => read.Read.IsCompleted), Is.All.False);
    }

    [Test]
    public async Task Disposing_a_stream_takes_its_deadline_along()
    {
        var (opened, accepted) = await OpenAsync();
        opened.ReadDeadline = Shortly;
        await opened.DisposeAsync();
        await accepted.DisposeAsync();

        var next = await OpenAsync();
        var reading = next.Opened.ReadAsync(new byte[10]).AsTask();

        await Timing.StaysPending(reading, "A read on a stream without a deadline");
    }
}
