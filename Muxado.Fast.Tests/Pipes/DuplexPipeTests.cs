using System.Buffers;
using System.IO.Pipelines;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Pipes;

/// <summary>How the ends of a pipe close the halves of its stream.</summary>
public sealed class DuplexPipeTests(TransportKind kind) : OverEachTransport(kind)
{
    [Test]
    public async Task Bytes_pass_both_ways()
    {
        var (opened, accepted) = await OpenAsync();
        var pipe = opened.AsDuplexPipe();
        var peer = accepted.AsDuplexPipe();

        var writing = pipe.Output.WriteAsync(Pattern.Bytes(100_000)).AsTask(); // More than the window.
        var atPeer = await peer.Input.ReadAtLeastAsync(100_000).Soon();
        Pattern.Verify(atPeer.Buffer.ToArray(), from: 0);
        peer.Input.AdvanceTo(atPeer.Buffer.End);
        await writing.Soon();

        Pattern.Bytes(10, from: 3).CopyTo(peer.Output.GetSpan(10));
        peer.Output.Advance(10);
        Assert.That(peer.Output.UnflushedBytes, Is.EqualTo(10));
        await peer.Output.FlushAsync().Soon();
        var back = await pipe.Input.ReadAtLeastAsync(10).Soon();
        Pattern.Verify(back.Buffer.ToArray(), from: 3);
        pipe.Input.AdvanceTo(back.Buffer.End);

        await CompleteAsync(pipe, peer);
    }

    [Test]
    public async Task Completing_the_output_sends_the_rest_and_half_closes([Values] bool isAsynchronous)
    {
        var (opened, accepted) = await OpenAsync();
        var pipe = opened.AsDuplexPipe();
        Pattern.Bytes(10).CopyTo(pipe.Output.GetMemory(10));
        pipe.Output.Advance(10);

        if (isAsynchronous)
            await pipe.Output.CompleteAsync().Soon();
        else
            pipe.Output.Complete();

        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(10));
        await accepted.WriteAsync(Pattern.Bytes(5)).Soon();
        var read = await pipe.Input.ReadAtLeastAsync(5).Soon();
        Pattern.Verify(read.Buffer.ToArray(), from: 0);
        pipe.Input.AdvanceTo(read.Buffer.End);
        await CompleteAsync(pipe);
    }

    [Test]
    public async Task Completing_the_output_with_an_exception_resets_the_stream([Values] bool isAsynchronous)
    {
        var (opened, accepted) = await OpenAsync();
        var pipe = opened.AsDuplexPipe();
        pipe.Output.GetMemory(10);
        pipe.Output.Advance(10);

        if (isAsynchronous)
            await pipe.Output.CompleteAsync(new InvalidDataException()).Soon();
        else
            pipe.Output.Complete(new InvalidDataException());

        var failure = await Fails.With(MuxadoError.StreamAborted, () => accepted.ReadAsync(new byte[10]).AsTask());
        Assert.That(failure.ErrorCode, Is.EqualTo(MuxadoErrorCode.Cancel));
        await CompleteAsync(pipe);
    }

    [Test]
    public async Task Completing_the_input_alone_leaves_the_output_working()
    {
        var (opened, accepted) = await OpenAsync();
        var pipe = opened.AsDuplexPipe();

        await pipe.Input.CompleteAsync().Soon();
        await pipe.Output.WriteAsync(Pattern.Bytes(10)).Soon();
        await Pattern.VerifyAsync(accepted, 10);

        Assert.That(opened.CanWrite, Is.True);
        await CompleteAsync(pipe);
    }

    [Test]
    public async Task Completing_both_in_either_order_and_again_disposes_the_stream([Values] bool outputFirst)
    {
        var (opened, accepted) = await OpenAsync();
        var pipe = opened.AsDuplexPipe();

        for (var i = 0; i < 2; i++)
        {
            if (outputFirst)
                pipe.Output.Complete();
            else
                pipe.Input.Complete();
            Assert.That(opened.CanRead, Is.True);
        }

        if (outputFirst)
            pipe.Input.Complete();
        else
            pipe.Output.Complete();

        Assert.That(() => opened.Id, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.Zero);
    }

    [Test]
    public async Task The_input_completes_at_the_peers_end()
    {
        var (opened, accepted) = await OpenAsync();
        var pipe = opened.AsDuplexPipe();
        await accepted.WriteAsync(Pattern.Bytes(10), completeWrites: true).Soon();

        var read = await pipe.Input.ReadAtLeastAsync(11).Soon();

        Assert.That((read.IsCompleted, read.Buffer.Length), Is.EqualTo((true, 10)));
        pipe.Input.AdvanceTo(read.Buffer.End);
        await CompleteAsync(pipe);
    }

    [Test]
    public async Task Completing_the_output_of_a_stream_that_was_reset_reports_the_loss_of_unsent_bytes([Values] bool isAsynchronous)
    {
        var (opened, accepted) = await OpenAsync();
        var pipe = opened.AsDuplexPipe();
        pipe.Output.GetMemory(10);
        pipe.Output.Advance(10);
        accepted.Abort();
        await Fails.With(MuxadoError.StreamAborted, () => pipe.Input.ReadAsync().AsTask());

        await Fails.With(MuxadoError.StreamAborted, async () =>
        {
            if (isAsynchronous)
                await pipe.Output.CompleteAsync();
            else
                pipe.Output.Complete();
        });

        pipe.Input.Complete();
        Assert.That(() => opened.Id, Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task What_has_come_is_read_though_the_last_bytes_could_not_go([Values] bool bySessionsEnd)
    {
        var (opened, accepted) = await OpenAsync();
        var pipe = opened.AsDuplexPipe();
        await accepted.WriteAsync(Pattern.Bytes(20), completeWrites: true).Soon();
        await accepted.DisposeAsync();
        if (!bySessionsEnd)
            await pipe.Output.WriteAsync(Pattern.Bytes(5)).Soon(); // Too late for the peer, which answers by a reset.
        await WireSettles(Pair.Client);
        await WireSettles(Pair.Server);
        if (bySessionsEnd)
            Pair.Client.Abort();
        pipe.Output.GetMemory(10);
        pipe.Output.Advance(10);

        await Fails.With(bySessionsEnd ? MuxadoError.SessionAborted : MuxadoError.StreamAborted, () => pipe.Output.CompleteAsync().AsTask());

        var read = await pipe.Input.ReadAtLeastAsync(21).Soon();
        Assert.That((read.IsCompleted, read.Buffer.Length), Is.EqualTo((true, 20L)));
        Pattern.Verify(read.Buffer.ToArray(), from: 0);
        pipe.Input.AdvanceTo(read.Buffer.End);
        pipe.Input.Complete();
    }

    [Test]
    public async Task Completing_the_output_does_not_wait_for_a_slow_peer_and_still_sends_everything()
    {
        const int Count = 300_000;
        var (opened, accepted) = await OpenAsync();
        var pipe = opened.AsDuplexPipe();
        Pattern.Bytes(Count).CopyTo(pipe.Output.GetSpan(Count));
        pipe.Output.Advance(Count);

        pipe.Output.Complete();
        pipe.Input.Complete();

        Assert.That(opened.CanRead, Is.True, "let go of with bytes left to send");
        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(Count));
        await Timing.Until(() => !opened.CanRead, "the stream to be let go of");
    }

    [Test]
    public async Task What_nobody_looked_at_is_answered_by_a_reset([Values] bool wasTaken)
    {
        var (opened, accepted) = await OpenAsync();
        var pipe = opened.AsDuplexPipe();
        await accepted.WriteAsync(Pattern.Bytes(10)).Soon();
        await WireSettles(Pair.Server);
        if (wasTaken)
            pipe.Input.AdvanceTo((await pipe.Input.ReadAsync().Soon()).Buffer.Start);

        await CompleteAsync(pipe);

        Assert.That((await Fails.With(MuxadoError.StreamAborted, accepted.WritesClosed)).ErrorCode, Is.EqualTo(MuxadoErrorCode.StreamClosed));
    }

    [Test]
    public async Task What_was_looked_at_and_left_is_the_readers_affair()
    {
        var (opened, accepted) = await OpenAsync();
        var pipe = opened.AsDuplexPipe();
        await accepted.WriteAsync(Pattern.Bytes(10)).Soon();
        var read = await pipe.Input.ReadAtLeastAsync(10).Soon();
        pipe.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);

        await CompleteAsync(pipe);

        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.Zero);
        accepted.CompleteWrites();
        await accepted.WritesClosed.Soon();
    }

    [Test]
    public async Task A_completed_end_says_so()
    {
        var (opened, _) = await OpenAsync();
        var pipe = opened.AsDuplexPipe();

        pipe.Input.Complete();
        pipe.Output.Complete();

        Assert.That(() => pipe.Input.ReadAsync(), Throws.InvalidOperationException);
        Assert.That(() => pipe.Input.TryRead(out _), Throws.InvalidOperationException);
        Assert.That(() => pipe.Input.AdvanceTo(default), Throws.InvalidOperationException);
        Assert.That(() => pipe.Output.GetMemory(), Throws.InvalidOperationException);
        Assert.That(() => pipe.Output.FlushAsync(), Throws.InvalidOperationException);
        Assert.That(() => pipe.Output.WriteAsync(new byte[1]), Throws.InvalidOperationException);
        Assert.That(() => opened.AsDuplexPipe(), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task A_stream_disposed_behind_the_pipes_back_can_still_be_completed()
    {
        var (opened, _) = await OpenAsync();
        var pipe = opened.AsDuplexPipe();
        await opened.DisposeAsync();

        Assert.That(() => pipe.Input.ReadAsync().AsTask(), Throws.InstanceOf<ObjectDisposedException>());
        pipe.Output.Complete(new InvalidDataException());
        pipe.Input.Complete();
    }

    private static async Task CompleteAsync(params IDuplexPipe[] pipes)
    {
        foreach (var pipe in pipes)
        {
            await pipe.Output.CompleteAsync().Soon();
            await pipe.Input.CompleteAsync().Soon();
        }
    }
}
