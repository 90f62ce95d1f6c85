using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>
/// Streams that the peer opens with FIN, and never reads. Whatever a peer does is a <see cref="MuxadoException"/>, or an end: another kind of exception is one
/// that no application expects.
/// </summary>
public sealed class OneWayStreamTests(Role role) : ConformanceFixture(role)
{
    [Test]
    public async Task A_write_fails_as_all_that_peers_cause()
    {
        var stream = await AcceptOneWayAsync();

        var failure = await stream.WriteAsync(Bytes("no")).FailsSoon();

        Assert.That(failure.Error, Is.EqualTo(MuxadoError.StreamAborted), failure.Message);
        Assert.That(() => stream.TryWrite(Bytes("no"), out _), Throws.InstanceOf<MuxadoException>());
        Assert.That(() => stream.Write(Bytes("no")), Throws.InstanceOf<MuxadoException>());
        await stream.WriteAsync(default, completeWrites: true).Soon();
        Assert.That(await ReadTextAsync(stream, 5), Is.EqualTo("hello"));
    }

    [Test]
    public async Task A_pipe_says_that_nobody_reads([Values(5, 100_000)] int bytes)
    {
        var pipe = (await AcceptOneWayAsync()).AsDuplexPipe();

        var flushed = await pipe.Output.WriteAsync(new byte[bytes]).Soon();

        Assert.That(flushed.IsCompleted, Is.True);
        await pipe.Output.CompleteAsync().Soon();
        var read = await pipe.Input.ReadAtLeastAsync(5).Soon();
        Assert.That(read.Buffer.Length, Is.EqualTo(5));
        pipe.Input.AdvanceTo(read.Buffer.End);
        await pipe.Input.CompleteAsync().Soon();
    }

    [Test]
    public async Task A_pipe_that_is_completed_with_bytes_left_can_still_be_read()
    {
        var pipe = (await AcceptOneWayAsync()).AsDuplexPipe();
        pipe.Output.GetMemory(10);
        pipe.Output.Advance(10);

        await Fails.With(MuxadoError.StreamAborted, () => pipe.Output.CompleteAsync().AsTask());

        var read = await pipe.Input.ReadAtLeastAsync(5).Soon();
        Assert.That(read.Buffer.Length, Is.EqualTo(5));
        pipe.Input.AdvanceTo(read.Buffer.End);
        await pipe.Input.CompleteAsync().Soon();
    }

    private async Task<MuxadoStream> AcceptOneWayAsync()
    {
        var (session, peer) = await ConnectAsync();
        await peer.SendAsync(Frames.SynWithFin(Theirs(0)), Frames.Data(Theirs(0), "hello"));
        return await AcceptAsync(session);
    }
}
