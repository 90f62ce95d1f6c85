using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.StreamSemantics;

public sealed class HalfCloseTests(TransportKind kind) : OverEachTransport(kind)
{
    [Test]
    public async Task The_other_direction_lives_on_after_either_side_completes_its_writes([Values] bool openerFirst)
    {
        var (opened, accepted) = await OpenAsync();
        var (first, second) = openerFirst ? (opened, accepted) : (accepted, opened);

        first.CompleteWrites();
        Assert.That(await second.ReadAsync(new byte[10]).Soon(), Is.Zero);

        var writing = second.WriteAsync(Pattern.Bytes(200_000), completeWrites: true).AsTask();
        Assert.That(await Pattern.VerifyToEndAsync(first), Is.EqualTo(200_000));
        await writing.Soon();
    }

    [Test]
    public async Task The_end_is_read_again_and_again()
    {
        var (opened, accepted) = await OpenAsync();

        opened.CompleteWrites();

        for (var i = 0; i < 3; i++)
            Assert.That(await accepted.ReadAsync(new byte[10]).Soon(), Is.Zero);
    }

    [Test]
    public async Task Completing_writes_wakes_a_pending_read_with_the_end()
    {
        var (opened, accepted) = await OpenAsync();
        var reading = accepted.ReadAsync(new byte[10]).AsTask();
        await Timing.StaysPending(reading, "A read without data");

        opened.CompleteWrites();

        Assert.That(await reading.Soon(), Is.Zero);
    }

    [Test]
    public async Task Writing_after_completing_writes_fails_and_completing_again_is_harmless()
    {
        var (opened, accepted) = await OpenAsync();

        opened.CompleteWrites();
        opened.CompleteWrites();

        await Fails.With<InvalidOperationException>(() => opened.WriteAsync(new byte[1]).AsTask());
        Assert.That(await accepted.ReadAsync(new byte[10]).Soon(), Is.Zero);
    }

    [Test]
    public async Task A_write_that_completes_writes_may_be_empty()
    {
        var (opened, accepted) = await OpenAsync();

        await opened.WriteAsync(ReadOnlyMemory<byte>.Empty, completeWrites: true).Soon();

        Assert.That(await accepted.ReadAsync(new byte[10]).Soon(), Is.Zero);
    }

    [Test]
    public async Task A_stream_may_be_opened_with_its_writes_completed()
    {
        var (opened, accepted) = await OpenAsync(new MuxadoStreamOptions { CompleteWrites = true });

        Assert.That(await accepted.ReadAsync(new byte[10]).Soon(), Is.Zero);
        await accepted.WriteAsync(Pattern.Bytes(1_000), completeWrites: true).Soon();

        Assert.That(await Pattern.VerifyToEndAsync(opened), Is.EqualTo(1_000));
    }

    [Test]
    public async Task Completing_writes_ends_the_stream_for_the_peer_even_when_its_window_is_full()
    {
        var (opened, accepted) = await OpenAsync();
        var fits = 64 * 1024 - 1; // the byte that OpenAsync sent was read, but its credit may still be on the way

        await opened.WriteAsync(Pattern.Bytes(fits), completeWrites: true).Soon();

        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(fits));
    }

    [Test]
    public async Task Reads_and_writes_closed_tell_when_each_direction_has_ended()
    {
        var (opened, accepted) = await OpenAsync();
        var (writesClosed, readsClosed) = (opened.WritesClosed, accepted.ReadsClosed);
        Assert.That(writesClosed.IsCompleted || readsClosed.IsCompleted, Is.False);

        await opened.WriteAsync(new byte[10], completeWrites: true).Soon();
        await Pattern.DrainAsync(accepted);

        await writesClosed.Soon();
        await readsClosed.Soon();
        Assert.That(opened.ReadsClosed.IsCompleted || accepted.WritesClosed.IsCompleted, Is.False);
    }

    [Test]
    public async Task Reads_and_writes_closed_fail_when_the_peer_aborts()
    {
        var (opened, accepted) = await OpenAsync();
        var (reads, writes) = (opened.ReadsClosed, opened.WritesClosed);

        accepted.Abort(MuxadoErrorCode.InternalError);

        Assert.That((await Fails.With(MuxadoError.StreamAborted, reads)).ErrorCode, Is.EqualTo(MuxadoErrorCode.InternalError));
        Assert.That((await Fails.With(MuxadoError.StreamAborted, writes)).ErrorCode, Is.EqualTo(MuxadoErrorCode.InternalError));
        await Fails.With(MuxadoError.StreamAborted, opened.ReadsClosed);
    }

    [Test]
    public async Task Peer_writes_closed_does_not_wait_for_a_reader()
    {
        var (opened, accepted) = await OpenAsync();
        var (peerWrites, reads) = (accepted.PeerWritesClosed, accepted.ReadsClosed);
        Assert.That(peerWrites.IsCompleted, Is.False);

        await opened.WriteAsync(Pattern.Bytes(10), completeWrites: true).Soon();

        await peerWrites.Soon();
        await accepted.PeerWritesClosed.Soon();
        Assert.That(reads.IsCompleted || opened.PeerWritesClosed.IsCompleted, Is.False);
        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(10));
    }

    [Test]
    public async Task Peer_writes_closed_fails_when_the_stream_is_reset_or_the_session_lost_and_ends_with_disposal([Values] bool asksFirst)
    {
        var (reset, resetter) = await OpenAsync();
        var (lost, _) = await OpenAsync();
        var (disposed, _) = await OpenAsync();
        var asked = asksFirst ? reset.PeerWritesClosed : null;
        var (lostBefore, disposedBefore) = (lost.PeerWritesClosed, disposed.PeerWritesClosed);

        resetter.Abort(MuxadoErrorCode.InternalError);
        await Fails.With(MuxadoError.StreamAborted, reset.ReadsClosed);
        disposed.Dispose();
        Pair.Client.Abort();

        Assert.That((await Fails.With(MuxadoError.StreamAborted, asked ?? reset.PeerWritesClosed)).ErrorCode, Is.EqualTo(MuxadoErrorCode.InternalError));
        await disposedBefore.Soon();
        await Fails.With(MuxadoError.SessionAborted, lostBefore);
    }

    [Test]
    public async Task An_abort_closes_the_reading_half_though_the_peers_end_was_still_unread([Values] bool asksBefore)
    {
        var (opened, accepted) = await OpenAsync();
        await opened.WriteAsync(new byte[10], completeWrites: true).Soon();
        await accepted.PeerWritesClosed.Soon();
        var asked = asksBefore ? accepted.ReadsClosed : null;
        Assert.That(asked?.IsCompleted, Is.Not.True);

        accepted.Abort();

        await Fails.With(MuxadoError.StreamAborted, asked ?? accepted.ReadsClosed);
    }
}
