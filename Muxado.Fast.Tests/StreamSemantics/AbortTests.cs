using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.StreamSemantics;

public sealed class AbortTests(TransportKind kind) : OverEachTransport(kind)
{
    [TestCase(MuxadoErrorCode.Cancel)]
    [TestCase(MuxadoErrorCode.InternalError)]
    [TestCase(MuxadoErrorCode.NoError)]
    public async Task The_code_arrives_at_a_pending_read_and_at_later_operations(MuxadoErrorCode code)
    {
        var (opened, accepted) = await OpenAsync();
        var reading = accepted.ReadAsync(new byte[10]).AsTask();

        opened.Abort(code);

        Assert.That((await Fails.With(MuxadoError.StreamAborted, reading)).ErrorCode, Is.EqualTo(code));
        Assert.That(
            (await Fails.With(MuxadoError.StreamAborted, () => accepted.ReadAsync(new byte[10]).AsTask())).ErrorCode,
            Is.EqualTo(code));
        Assert.That(
            (await Fails.With(MuxadoError.StreamAborted, () => accepted.WriteAsync(new byte[10]).AsTask())).ErrorCode,
            Is.EqualTo(code));
    }

    [Test]
    public async Task The_peers_abort_wakes_a_write_that_waits_for_credit()
    {
        var (opened, accepted) = await OpenAsync();
        var (write, _) = BlockedWrite(opened);
        await Timing.StaysPending(write, "A write beyond the window");

        accepted.Abort();

        var failure = await Fails.With(MuxadoError.StreamAborted, write);
        Assert.That((failure.ErrorCode, failure.IsRetrySafe), Is.EqualTo((MuxadoErrorCode.Cancel, false)));
    }

    [Test]
    public async Task Aborting_wakes_our_own_pending_read_and_write()
    {
        var (opened, _) = await OpenAsync();
        var reading = opened.ReadAsync(new byte[10]).AsTask();
        var (write, _) = BlockedWrite(opened);
        await Timing.StaysPending(write, "A write beyond the window");

        opened.Abort(MuxadoErrorCode.InternalError);

        Assert.That((await Fails.With(MuxadoError.StreamAborted, reading)).ErrorCode, Is.EqualTo(MuxadoErrorCode.InternalError));
        Assert.That((await Fails.With(MuxadoError.StreamAborted, write)).ErrorCode, Is.EqualTo(MuxadoErrorCode.InternalError));
    }

    [Test]
    public async Task Data_received_before_the_abort_is_readable_and_then_the_error()
    {
        var (opened, accepted) = await OpenAsync();
        await opened.WriteAsync(Pattern.Bytes(3_000)).Soon();
        await accepted.ReadAsync(Memory<byte>.Empty).Soon();
        await WireSettles(Pair.Client);

        opened.Abort(MuxadoErrorCode.InternalError);
        await WireSettles(Pair.Client);

        await Pattern.VerifyAsync(accepted, 3_000);
        var failure = await Fails.With(MuxadoError.StreamAborted, () => accepted.ReadAsync(new byte[10]).AsTask());
        Assert.That(failure.ErrorCode, Is.EqualTo(MuxadoErrorCode.InternalError));
    }

    [Test]
    public async Task Aborting_again_is_harmless_and_the_first_code_stands()
    {
        var (opened, accepted) = await OpenAsync();

        opened.Abort();
        opened.Abort(MuxadoErrorCode.InternalError);
        await opened.DisposeAsync();
        Assert.That(() => opened.Abort(), Throws.InstanceOf<ObjectDisposedException>());

        var failure = await Fails.With(MuxadoError.StreamAborted, () => accepted.ReadAsync(new byte[10]).AsTask());
        Assert.That(failure.ErrorCode, Is.EqualTo(MuxadoErrorCode.Cancel));
    }

    [Test]
    public async Task Aborting_after_completing_writes_still_reaches_the_peer()
    {
        var (opened, accepted) = await OpenAsync();
        var (write, _) = BlockedWrite(accepted);
        opened.CompleteWrites();
        await Timing.StaysPending(write, "A write beyond the window");

        opened.Abort(MuxadoErrorCode.InternalError);

        Assert.That((await Fails.With(MuxadoError.StreamAborted, write)).ErrorCode, Is.EqualTo(MuxadoErrorCode.InternalError));
    }

    [Test]
    public async Task Aborts_of_some_streams_leave_the_others_alone()
    {
        var survivor = await OpenAsync();
        for (var i = 0; i < 100; i++)
        {
            var (opened, accepted) = await OpenAsync();
            var doomed = BlockedWrite(opened).Write;
            accepted.Abort();
            await Fails.With(MuxadoError.StreamAborted, doomed);
            await opened.DisposeAsync();
            await accepted.DisposeAsync();
        }

        await survivor.Opened.WriteAsync(Pattern.Bytes(10_000), completeWrites: true).Soon();
        Assert.That(await Pattern.VerifyToEndAsync(survivor.Accepted), Is.EqualTo(10_000));
    }
}
