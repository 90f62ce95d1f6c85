using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>A peer asks for much, gives all the credit that there is, and reads nothing.</summary>
public sealed class SlowReaderTests(Role role) : AttackFixture(role)
{
    private const int LargeWriters = 16;
    private const int SmallWriters = 200;
    private const int MostBytes = 256 * 1024;

    [Test]
    public async Task At_most_256_KiB_are_queued_and_after_10_seconds_the_peer_is_cut_off([Values] bool withSmallWrites)
    {
        var clock = new ManualTimeProvider();
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = clock);
        var writers = LargeWriters + (withSmallWrites ? SmallWriters : 0);
        await peer.SendBytesAsync(peer.Flood(writers, n => [Frames.Syn(Theirs(n)), Frames.WndInc(Theirs(n), int.MaxValue - InitialWindow)]));
        var writing = new List<Task>();
        for (var n = 0; n < writers; n++)
        {
            var stream = await AcceptAsync(session);
            var bytes = n < LargeWriters ? 100_000 : 1000;
            writing.Add(Task.Run(() => WriteWithoutEndAsync(stream, bytes)));
        }

        await UntilStuckAsync(session);
        TestContext.Out.WriteLine($"{QueuedBytes(session)} B queued, {session.GetSnapshot().BytesSent} B sent");
        Assert.That(QueuedBytes(session), Is.LessThanOrEqualTo(MostBytes));
        Assert.That(writing.Exists(task => task.IsCompleted), Is.False);

        clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.That(session.Completion.IsCompleted, Is.False);
        clock.Advance(TimeSpan.FromSeconds(0.2));

        var info = await ExpectCompletionAsync(session, MuxadoError.TransportFailed);
        Assert.That(info.Exception!.Message, Does.Contain(nameof(MuxadoSessionOptions.WriteStallTimeout)));
        foreach (var task in writing)
            Assert.That((await task.FailsSoon()).Error, Is.EqualTo(MuxadoError.TransportFailed));
    }

    [Test]
    public async Task Resets_of_our_own_streams_that_it_does_not_take_hold_up_nothing_that_it_sends()
    {
        var (session, peer) = await ConnectAsync(options => options.MaxQueuedControlFrames = 8);
        var (stream, write) = await FillTheTransportAsync(session, peer);
        for (var i = 0; i < 20; i++)
        {
            await using var own = session.OpenStream();
            own.Abort();
        }

        // More than one: a receive is under way already.
        foreach (var text in new[] { "x", "y", "z" })
        {
            await peer.SendAsync(Frames.Data(Theirs(0), text));
            Assert.That(await ReadTextAsync(stream, 1), Is.EqualTo(text));
        }

        Assert.That(write.IsCompleted, Is.False);
        session.Abort();
        await write.FailsSoon();
    }

    [Test]
    public async Task Streams_of_our_own_that_it_does_not_take_hold_up_nothing_that_it_sends()
    {
        const int Most = 20_000; // More than 128 KiB of SYN.
        var (session, peer) = await ConnectAsync();
        var (stream, write) = await FillTheTransportAsync(session, peer);
        var own = Enumerable.Range(0, Most).Select(_ => session.OpenStream()).ToList();

        // More than one: a receive is under way already.
        foreach (var text in new[] { "x", "y", "z" })
        {
            await peer.SendAsync(Frames.Data(Theirs(0), text));
            Assert.That(await ReadTextAsync(stream, 1), Is.EqualTo(text));
        }

        session.Abort();
        await write.FailsSoon();
        own.ForEach(opened => opened.Dispose());
    }

    private static async Task WriteWithoutEndAsync(MuxadoStream stream, int bytes)
    {
        var payload = new byte[bytes];
        while (true)
            await stream.WriteAsync(payload);
    }
}
