using System.Buffers;
using System.IO.Pipelines;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Pipes;

public sealed class OutputPipeTests(TransportKind kind) : OverEachTransport(kind)
{
    private const int MoreThanAnyWindow = 4 * 1024 * 1024;

    private PipeWriter? _output;

    public enum Cancelling
    {
        ByToken,
        ByRequest,
    }

    public enum Source
    {
        OwnMemory,
        CallersMemory,
        Both,
    }

    [TearDown]
    public void GiveBlocksBack() => _output?.Complete(new OperationCanceledException());

    [Test]
    public async Task Memory_of_any_size_can_be_asked_for([Values(0, 1, 1_000, 16_383, 16_384, 65_576, 65_577, 1_000_000)] int sizeHint)
    {
        var (output, peer) = await OpenOutputAsync();
        var sent = 0;

        for (var i = 0; i < 3; i++)
        {
            var memory = output.GetMemory(sizeHint);
            Assert.That(memory.Length, Is.GreaterThanOrEqualTo(Math.Max(1, sizeHint)));
            Pattern.Bytes(memory.Length, from: sent).CopyTo(memory);
            output.Advance(memory.Length);
            sent += memory.Length;
            Assert.That(output.UnflushedBytes, Is.EqualTo(sent));
        }

        var flushing = output.FlushAsync().AsTask();
        await Pattern.VerifyAsync(peer, sent);
        var flushed = await flushing.Soon();
        Assert.That((flushed.IsCanceled, flushed.IsCompleted, output.UnflushedBytes), Is.EqualTo((false, false, 0L)));
    }

    [Test]
    public async Task Advancing_beyond_the_memory_is_refused()
    {
        var (output, _) = await OpenOutputAsync();
        Assert.That(() => output.Advance(1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        var room = output.GetMemory().Length;

        Assert.That(() => output.Advance(room + 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => output.Advance(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => output.GetMemory(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        output.Advance(room);
        Assert.That(output.UnflushedBytes, Is.EqualTo(room));
    }

    [Test]
    public async Task A_flush_that_is_called_off_keeps_exactly_what_was_not_sent([Values] Cancelling cancelling, [Values] Source source)
    {
        var (output, peer) = await OpenOutputAsync();
        using var cancellation = new CancellationTokenSource();
        var memory = new byte[MoreThanAnyWindow];
        var flushing = await StartAsync(output, source, memory, cancellation.Token);
        await CallOffAsync(output, flushing, cancelling, cancellation);
        Array.Fill(memory, (byte)0xEE); // The caller has its memory back.
        Assert.That(output.UnflushedBytes, Is.GreaterThan(0).And.LessThan(MoreThanAnyWindow));
        var again = output.FlushAsync().AsTask();
        await Pattern.VerifyAsync(peer, MoreThanAnyWindow);
        Assert.That((await again.Soon()).IsCanceled, Is.False);
    }

    [Test]
    public async Task A_cancellation_without_a_flush_is_the_next_flushes_and_only_that_ones()
    {
        var (output, peer) = await OpenOutputAsync();

        output.CancelPendingFlush();

        Assert.That((await output.WriteAsync(Pattern.Bytes(5_000)).Soon()).IsCanceled, Is.True);
        Assert.That(output.UnflushedBytes, Is.EqualTo(5_000));
        Assert.That((await output.FlushAsync().Soon()).IsCanceled, Is.False);
        await Pattern.VerifyAsync(peer, 5_000);
    }

    /// <summary>It is no flush. Cut off by one, it would reset the stream and lose what was written.</summary>
    [Test]
    public async Task Completing_is_not_ended_by_the_cancellation_of_a_flush()
    {
        var (output, peer) = await OpenOutputAsync();
        Fill(output, MoreThanAnyWindow);
        var completing = output.CompleteAsync().AsTask();
        output.CancelPendingFlush();
        output.CancelPendingFlush();

        await Pattern.VerifyAsync(peer, MoreThanAnyWindow);
        Assert.That(await peer.ReadAsync(new byte[1]).AsTask().Soon(), Is.Zero);
        await completing.Soon();
    }

    [Test]
    public async Task A_flush_with_a_token_that_is_cancelled_already_sends_nothing()
    {
        var (output, _) = await OpenOutputAsync();
        var cancelled = new CancellationToken(canceled: true);
        output.GetMemory(10);
        output.Advance(10);

        await Fails.With<OperationCanceledException>(output.FlushAsync(cancelled).AsTask());
        await Fails.With<OperationCanceledException>(output.WriteAsync(new byte[10], cancelled).AsTask());

        Assert.That(output.UnflushedBytes, Is.EqualTo(10));
    }

    [Test]
    public async Task After_a_reset_a_flush_says_that_nobody_reads([Values] bool isWaiting, [Values] bool bySessionsEnd)
    {
        var (output, peer) = await OpenOutputAsync();
        var flushing = isWaiting ? output.WriteAsync(new byte[MoreThanAnyWindow]).AsTask() : null;
        if (flushing is not null)
            await Timing.StaysPending(flushing, "A flush of more than a window");

        if (bySessionsEnd)
            Pair.Client.Abort();
        else
            peer.Abort();
        if (!isWaiting && !bySessionsEnd)
            await WireSettles(Pair.Server);

        flushing ??= output.WriteAsync(new byte[10]).AsTask();
        Assert.That((await flushing.Soon()).IsCompleted, Is.True);
        Assert.That(output.UnflushedBytes, Is.Zero);
        Assert.That((await output.FlushAsync().Soon()).IsCompleted, Is.True);
    }

    [Test]
    public async Task A_flush_of_a_stream_disposed_behind_the_pipes_back_keeps_nothing([Values] bool isWaiting)
    {
        var (opened, _) = await OpenAsync();
        _output = opened.AsDuplexPipe().Output;
        var flushing = isWaiting ? await StartAsync(_output, Source.Both, new byte[MoreThanAnyWindow]) : null;

        await opened.DisposeAsync();

        await Fails.With<ObjectDisposedException>(() => flushing ?? _output.WriteAsync(new byte[100_000]).AsTask());
        Assert.That(_output.UnflushedBytes, Is.Zero);
    }

    [Test]
    public async Task Completing_during_a_flush_half_closes_behind_it([Values] bool isAsynchronous)
    {
        var (output, peer) = await OpenOutputAsync();
        var flushing = await StartFlushAsync(output);

        if (isAsynchronous)
            await output.CompleteAsync().Soon();
        else
            output.Complete();

        Assert.That(await Pattern.VerifyToEndAsync(peer), Is.EqualTo(MoreThanAnyWindow));
        Assert.That((await flushing.Soon()).IsCompleted, Is.False);
    }

    [Test]
    public async Task Completing_during_a_flush_with_an_exception_ends_it_and_resets()
    {
        var (output, peer) = await OpenOutputAsync();
        var flushing = await StartFlushAsync(output);

        await output.CompleteAsync(new InvalidDataException()).Soon();

        Assert.That((await flushing.Soon()).IsCompleted, Is.True);
        await Fails.With(MuxadoError.StreamAborted, () => Pattern.DrainAsync(peer));
    }

    [Test]
    public async Task A_last_flush_that_is_called_off_leaves_the_rest_to_the_completion([Values] Cancelling cancelling, [Values] Source source)
    {
        var (output, peer) = await OpenOutputAsync();
        using var cancellation = new CancellationTokenSource();
        var memory = new byte[MoreThanAnyWindow];
        var flushing = await StartAsync(output, source, memory, cancellation.Token);
        output.Complete();

        await CallOffAsync(output, flushing, cancelling, cancellation);
        Array.Fill(memory, (byte)0xEE);
        Assert.That(await Pattern.VerifyToEndAsync(peer), Is.EqualTo(MoreThanAnyWindow));
    }

    [Test]
    public async Task A_last_flush_that_takes_too_long_resets([Values] Source source)
    {
        var (opened, peer) = await OpenAsync();
        _output = opened.AsDuplexPipe().Output;
        var flushing = await StartAsync(_output, source, new byte[MoreThanAnyWindow]);
        _output.Complete();

        opened.WriteDeadline = DateTimeOffset.UtcNow;

        await Fails.With(MuxadoError.DeadlineExceeded, flushing);
        await Fails.With(MuxadoError.StreamAborted, () => Pattern.DrainAsync(peer));
    }

    [Test]
    public async Task A_write_that_is_refused_keeps_nothing_of_its_callers_memory_and_the_pipe_goes_on()
    {
        var (opened, peer) = await OpenAsync();
        _output = opened.AsDuplexPipe().Output;
        var behindItsBack = opened.WriteAsync(Pattern.Bytes(MoreThanAnyWindow)).AsTask();
        var memory = Pattern.Bytes(100_000, from: MoreThanAnyWindow);

        await Fails.With<InvalidOperationException>(() => _output.WriteAsync(memory).AsTask());
        Array.Fill(memory, (byte)0xEE);
        await Pattern.VerifyAsync(peer, MoreThanAnyWindow);
        await behindItsBack.Soon();
        _output.Complete();

        Assert.That(await Pattern.VerifyToEndAsync(peer, from: MoreThanAnyWindow), Is.EqualTo(100_000));
    }

    [Test]
    public async Task Memory_that_cannot_be_read_is_the_callers_failure_and_the_pipe_goes_on()
    {
        var (output, peer) = await OpenOutputAsync();

        await Fails.With<ObjectDisposedException>(() => output.WriteAsync(new DisposedMemory().Memory).AsTask());

        await output.WriteAsync(Pattern.Bytes(10)).Soon();
        output.Complete();
        Assert.That(await Pattern.VerifyToEndAsync(peer), Is.EqualTo(10));
    }

    [Test]
    public async Task A_second_flush_during_a_flush_is_refused_and_harms_nothing()
    {
        var (output, peer) = await OpenOutputAsync();
        var flushing = await StartFlushAsync(output);

        await Fails.With<InvalidOperationException>(() => output.FlushAsync().AsTask());
        await Fails.With<InvalidOperationException>(() => output.WriteAsync(new byte[10]).AsTask());
        await Fails.With<InvalidOperationException>(() => output.WriteAsync(new byte[100_000]).AsTask());

        output.Complete();
        Assert.That(await Pattern.VerifyToEndAsync(peer), Is.EqualTo(MoreThanAnyWindow));
        await flushing.Soon();
    }

    /// <summary>A flush that waits, of blocks of the pipe's own.</summary>
    private static Task<Task<FlushResult>> StartFlushAsync(PipeWriter output) => StartAsync(output, Source.OwnMemory, []);

    /// <summary>A flush that waits.</summary>
    /// <param name="output">The pipe, which is empty.</param>
    /// <param name="source">Where the bytes are: both means one half in the pipe's blocks, the other in the caller's memory.</param>
    /// <param name="memory">The caller's, for what is not in the pipe's.</param>
    /// <param name="cancellationToken">The flush's.</param>
    private static async Task<Task<FlushResult>> StartAsync(PipeWriter output, Source source, byte[] memory, CancellationToken cancellationToken = default)
    {
        var ownBytes = source switch
        {
            Source.OwnMemory => MoreThanAnyWindow,
            Source.Both => MoreThanAnyWindow / 2,
            _ => 0,
        };
        Fill(output, ownBytes);
        Pattern.Bytes(MoreThanAnyWindow, from: 0).AsSpan(ownBytes).CopyTo(memory);
        var flushing = source == Source.OwnMemory
            ? output.FlushAsync(cancellationToken).AsTask()
            : output.WriteAsync(memory.AsMemory(0, MoreThanAnyWindow - ownBytes), cancellationToken).AsTask();
        await Timing.StaysPending(flushing, "A flush of more than a window");
        return flushing;
    }

    private static async Task CallOffAsync(PipeWriter output, Task<FlushResult> flushing, Cancelling cancelling, CancellationTokenSource cancellation)
    {
        if (cancelling == Cancelling.ByToken)
        {
            await cancellation.CancelAsync();
            await Fails.With<OperationCanceledException>(flushing);
        }
        else
        {
            output.CancelPendingFlush();
            Assert.That((await flushing.Soon()).IsCanceled, Is.True);
        }
    }

    private static void Fill(PipeWriter output, int bytes)
    {
        for (var at = 0; at < bytes;)
        {
            var memory = output.GetMemory();
            var count = Math.Min(memory.Length, bytes - at);
            Pattern.Bytes(count, from: at).CopyTo(memory);
            output.Advance(count);
            at += count;
        }
    }

    private sealed class DisposedMemory : MemoryManager<byte>
    {
        public override Memory<byte> Memory => CreateMemory(100_000);

        public override Span<byte> GetSpan() => throw new ObjectDisposedException(nameof(DisposedMemory));

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }

    private async Task<(PipeWriter Output, MuxadoStream Peer)> OpenOutputAsync()
    {
        var (opened, accepted) = await OpenAsync();
        _output = opened.AsDuplexPipe().Output;
        return (_output, accepted);
    }
}
