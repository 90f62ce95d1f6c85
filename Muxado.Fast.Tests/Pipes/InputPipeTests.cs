using System.Buffers;
using System.IO.Pipelines;
using Muxado.Fast.Buffers;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Pipes;

public sealed class InputPipeTests(TransportKind kind) : OverEachTransport(kind)
{
    private PipeReader? _input;

    [TearDown]
    public void GiveBlocksBack() => _input?.Complete();

    [Test]
    public async Task A_read_that_is_cancelled_loses_nothing([Values] bool byToken)
    {
        var (input, peer) = await OpenInputAsync();
        using var cancellation = new CancellationTokenSource();
        var reading = input.ReadAsync(cancellation.Token).AsTask();
        await Timing.StaysPending(reading, "A read without data");

        if (byToken)
        {
            await cancellation.CancelAsync();
            await Fails.With<OperationCanceledException>(reading);
        }
        else
        {
            input.CancelPendingRead();
            var cancelled = await reading.Soon();
            Assert.That((cancelled.IsCanceled, cancelled.IsCompleted, cancelled.Buffer.Length), Is.EqualTo((true, false, 0L)));
            input.AdvanceTo(cancelled.Buffer.End);
        }

        await peer.WriteAsync(Pattern.Bytes(10)).Soon();
        await VerifyAsync(input, 10);
    }

    [Test]
    public async Task A_cancellation_without_a_read_is_the_next_reads_and_only_that_ones()
    {
        var (input, peer) = await OpenInputAsync();
        await peer.WriteAsync(Pattern.Bytes(10)).Soon();
        var whole = await input.ReadAtLeastAsync(10).Soon();
        input.AdvanceTo(whole.Buffer.Start);

        input.CancelPendingRead();

        Assert.That(input.TryRead(out var cancelled), Is.True);
        Assert.That((cancelled.IsCanceled, cancelled.Buffer.Length), Is.EqualTo((true, 10L)));
        input.AdvanceTo(cancelled.Buffer.Start);
        var next = await input.ReadAsync().Soon();
        Assert.That((next.IsCanceled, next.Buffer.Length), Is.EqualTo((false, 10L)));
        input.AdvanceTo(next.Buffer.End);
    }

    [Test]
    public async Task A_read_waits_for_more_only_when_everything_was_examined()
    {
        var (input, peer) = await OpenInputAsync();
        await peer.WriteAsync(Pattern.Bytes(10)).Soon();
        var first = await input.ReadAtLeastAsync(10).Soon();
        input.AdvanceTo(first.Buffer.GetPosition(3), first.Buffer.GetPosition(9));

        var second = await input.ReadAsync().Soon();
        Assert.That(second.Buffer.Length, Is.EqualTo(7));
        Pattern.Verify(second.Buffer.ToArray(), from: 3);
        input.AdvanceTo(second.Buffer.Start, second.Buffer.End);
        Assert.That(input.TryRead(out _), Is.False);
        var waiting = input.ReadAsync().AsTask();
        await Timing.StaysPending(waiting, "A read with nothing new");

        await peer.WriteAsync(Pattern.Bytes(5, from: 10)).Soon();
        var third = await waiting.Soon();
        Pattern.Verify(third.Buffer.ToArray(), from: 3);
        input.AdvanceTo(third.Buffer.End);
    }

    [Test]
    public async Task The_peer_may_send_more_only_when_bytes_were_examined()
    {
        var (input, peer) = await OpenInputAsync();
        var writing = peer.WriteAsync(Pattern.Bytes(100_000)).AsTask();
        await WireSettles(Pair.Server);
        var taken = await input.ReadAsync().Soon();
        input.AdvanceTo(taken.Buffer.Start, taken.Buffer.Start);
        Assert.That(input.TryRead(out var more), Is.True);
        input.AdvanceTo(more.Buffer.Start, more.Buffer.Start);
        await Timing.StaysPending(writing, "A write beyond a window that nobody has examined");

        await VerifyAsync(input, 100_000);

        await writing.Soon();
    }

    [Test]
    public async Task A_read_for_more_that_is_cancelled_has_shown_nothing([Values] bool tries)
    {
        var (input, peer) = await OpenInputAsync();
        using var cancellation = new CancellationTokenSource();
        await peer.WriteAsync(Pattern.Bytes(2)).Soon();
        await WireSettles(Pair.Server);
        var reading = input.ReadAtLeastAsync(4, cancellation.Token).AsTask();
        await Timing.StaysPending(reading, "A read for more");

        await cancellation.CancelAsync();
        await Fails.With<OperationCanceledException>(reading);

        if (!tries)
            await VerifyAsync(input, 2);
        Assert.That(input.TryRead(out var read), Is.EqualTo(tries));
        Assert.That(read.Buffer.Length, Is.EqualTo(tries ? 2 : 0));
    }

    [Test]
    public async Task What_is_too_little_for_a_read_before_a_reset_can_still_be_read()
    {
        var (input, peer) = await OpenInputAsync();
        await peer.WriteAsync(Pattern.Bytes(5)).Soon();
        await WireSettles(Pair.Server);
        var reading = input.ReadAtLeastAsync(10).AsTask();
        await Timing.StaysPending(reading, "A read for more");

        peer.Abort();
        await Fails.With(MuxadoError.StreamAborted, reading);
        await Fails.With(MuxadoError.StreamAborted, () => input.ReadAtLeastAsync(10).AsTask());

        await VerifyAsync(input, 5);
        await Fails.With(MuxadoError.StreamAborted, () => input.ReadAsync().AsTask());
    }

    [Test]
    public async Task Bytes_that_came_before_a_reset_are_read_before_it_shows()
    {
        var (input, peer) = await OpenInputAsync();
        await peer.WriteAsync(Pattern.Bytes(10)).Soon();
        var look = await input.ReadAtLeastAsync(10).Soon();
        input.AdvanceTo(look.Buffer.Start, look.Buffer.GetPosition(5));
        peer.Abort(MuxadoErrorCode.InternalError);
        await WireSettles(Pair.Server);

        var last = await input.ReadAsync().Soon();
        Pattern.Verify(last.Buffer.ToArray(), from: 0);
        Assert.That((last.Buffer.Length, last.IsCompleted), Is.EqualTo((10L, false)));
        input.AdvanceTo(last.Buffer.End);

        Assert.That((await Fails.With(MuxadoError.StreamAborted, () => input.ReadAsync().AsTask())).ErrorCode, Is.EqualTo(MuxadoErrorCode.InternalError));
        await Fails.With(MuxadoError.StreamAborted, () => input.ReadAsync().AsTask());
    }

    [Test]
    public async Task A_deadline_that_has_passed_stops_the_reading_until_it_is_moved([Values] bool wasTaken)
    {
        var (opened, peer) = await OpenAsync();
        _input = opened.AsDuplexPipe().Input;
        await peer.WriteAsync(Pattern.Bytes(10)).Soon();
        await WireSettles(Pair.Server);
        if (wasTaken)
            _input.AdvanceTo((await _input.ReadAsync().Soon()).Buffer.Start);

        opened.ReadDeadline = DateTimeOffset.UtcNow;
        _input.CancelPendingRead();
        for (var i = 0; i < 2; i++)
        {
            await Fails.With(MuxadoError.DeadlineExceeded, () => _input.ReadAsync().AsTask());
            Assert.That(() => _input.TryRead(out _), Throws.InstanceOf<MuxadoException>());
        }

        opened.ReadDeadline = null;
        var cancelled = await _input.ReadAsync().Soon();
        Assert.That(cancelled.IsCanceled, Is.True, "the request is still there");
        _input.AdvanceTo(cancelled.Buffer.Start);
        await VerifyAsync(_input, 10);
    }

    [Test]
    public async Task A_waiting_read_ends_with_the_stream([Values] bool inOrder)
    {
        var (input, peer) = await OpenInputAsync();
        var reading = input.ReadAsync().AsTask();
        await Timing.StaysPending(reading, "A read without data");

        if (inOrder)
        {
            peer.CompleteWrites();
            var end = await reading.Soon();
            Assert.That((end.IsCompleted, end.Buffer.Length), Is.EqualTo((true, 0L)));
            input.AdvanceTo(end.Buffer.End);
            Assert.That((await input.ReadAsync().Soon()).IsCompleted, Is.True);
        }
        else
        {
            peer.Abort();
            await Fails.With(MuxadoError.StreamAborted, reading);
        }
    }

    [Test]
    public async Task Completing_the_input_ends_a_read_that_waits_and_keeps_nothing_of_what_comes_later()
    {
        var blocks = new BlockPool();
        var (near, far) = MemoryDuplex.CreatePair();
        await using var pair = SessionPair.Over(near, far, new MuxadoSessionOptions { Blocks = blocks });
        var (opened, accepted) = await pair.OpenAsync();
        var pipe = opened.AsDuplexPipe();
        await accepted.WriteAsync(Pattern.Bytes(10)).Soon();
        var look = await pipe.Input.ReadAtLeastAsync(10).Soon();
        pipe.Input.AdvanceTo(look.Buffer.Start, look.Buffer.End);
        var waiting = pipe.Input.ReadAsync().AsTask();
        await Timing.StaysPending(waiting, "A read with nothing new");

        pipe.Input.Complete();

        await Fails.With<InvalidOperationException>(waiting);
        await accepted.WriteAsync(Pattern.Bytes(10)).Soon();
        await pipe.Output.WriteAsync(Pattern.Bytes(1)).Soon();
        await Pattern.VerifyAsync(accepted, 1);
        await pipe.Output.CompleteAsync().Soon();
        await pair.Client.CloseAsync().Soon();
        await Timing.Until(() => blocks.Outstanding == 0, "every rented block has come back");
    }

    [Test]
    public async Task A_position_that_is_not_of_the_latest_read_is_refused()
    {
        var (input, peer) = await OpenInputAsync();
        await peer.WriteAsync(Pattern.Bytes(10)).Soon();
        var read = await input.ReadAtLeastAsync(10).Soon();
        var (start, middle, end) = (read.Buffer.Start, read.Buffer.GetPosition(5), read.Buffer.End);

        Assert.That(() => input.AdvanceTo(end, middle), Throws.InstanceOf<ArgumentOutOfRangeException>());
        input.AdvanceTo(middle);
        Assert.That(() => input.AdvanceTo(start), Throws.InstanceOf<ArgumentOutOfRangeException>());
        input.AdvanceTo(end);
        input.AdvanceTo(default);
    }

    [Test]
    public async Task What_is_kept_costs_memory_by_its_bytes_and_not_by_its_frames()
    {
        const int Frames = 2_000;
        await Pair.DisposeAsync();
        var blocks = new BlockPool();
        await using var pair = await SessionPair.ConnectAsync(Kind, clientOptions: new MuxadoSessionOptions { Blocks = blocks });
        var (opened, accepted) = await pair.OpenAsync();
        var input = opened.AsDuplexPipe().Input;
        var before = blocks.Outstanding;

        for (var i = 0; i < Frames; i++)
        {
            await accepted.WriteAsync(Pattern.Bytes(1, from: i)).Soon();
            var look = await input.ReadAtLeastAsync(i + 1).Soon();
            input.AdvanceTo(look.Buffer.Start, look.Buffer.End);
        }

        // In DEBUG builds small blocks have 16 bytes; the first of each receive is one of these, if it does not fit into the one before.
        Assert.That(blocks.Outstanding - before, Is.LessThanOrEqualTo((Frames / Block.SmallBytes) + 4));
        await accepted.WriteAsync(Pattern.Bytes(1, from: Frames)).Soon();
        await VerifyAsync(input, Frames + 1);
        Assert.That(blocks.Outstanding - before, Is.LessThanOrEqualTo(2));
        input.Complete();
        await accepted.DisposeAsync();
        await opened.DisposeAsync();
    }

    private async Task<(PipeReader Input, MuxadoStream Peer)> OpenInputAsync()
    {
        var (opened, accepted) = await OpenAsync();
        _input = opened.AsDuplexPipe().Input;
        return (_input, accepted);
    }

    private static async Task VerifyAsync(PipeReader input, int count)
    {
        var read = await input.ReadAtLeastAsync(count).Soon();
        Assert.That(read.Buffer.Length, Is.EqualTo(count));
        Pattern.Verify(read.Buffer.ToArray(), from: 0);
        input.AdvanceTo(read.Buffer.End);
    }
}
