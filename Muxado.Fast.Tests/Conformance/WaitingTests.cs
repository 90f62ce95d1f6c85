using System.Diagnostics;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>Waits for the peer that end without it, where Go's muxado hangs or loses bytes.</summary>
public sealed class WaitingTests(Role role) : ConformanceFixture(role)
{
    [Test]
    public async Task A_write_deadline_wakes_a_writer_that_waits_for_credit()
    {
        var clock = new ManualTimeProvider();
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = clock);
        var (stream, id) = await AcceptFirstAsync(session, peer);
        stream.WriteDeadline = clock.GetUtcNow() + TimeSpan.FromSeconds(10);
        var write = stream.WriteAsync(Pattern.Bytes(InitialWindow + 1)).AsTask();
        await peer.ExpectDataAsync(id, InitialWindow);

        clock.Advance(TimeSpan.FromSeconds(9));
        await peer.ExpectQuietAsync();
        Assert.That(write.IsCompleted, Is.False);
        clock.Advance(TimeSpan.FromSeconds(2));

        Assert.That((await write.FailsSoon()).Error, Is.EqualTo(MuxadoError.DeadlineExceeded));
        await peer.ExpectQuietAsync();
    }

    [Test]
    public async Task A_read_deadline_wakes_a_reader_and_the_stream_lives()
    {
        var clock = new ManualTimeProvider();
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = clock);
        var (stream, id) = await AcceptFirstAsync(session, peer);
        stream.ReadDeadline = clock.GetUtcNow() + TimeSpan.FromSeconds(10);
        var read = stream.ReadAsync(new byte[1]).AsTask();

        clock.Advance(TimeSpan.FromSeconds(11));

        Assert.That((await read.FailsSoon()).Error, Is.EqualTo(MuxadoError.DeadlineExceeded));
        stream.ReadDeadline = null;
        await peer.SendAsync(Frames.Data(id, "late"));
        Assert.That(await ReadTextAsync(stream, 4), Is.EqualTo("late"));
    }

    [Test]
    public async Task Cancelling_wakes_a_writer_that_waits_for_credit_and_the_stream_lives()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        using var cancellation = new CancellationTokenSource();
        var write = stream.WriteAsync(Pattern.Bytes(InitialWindow + 1), cancellation.Token).AsTask();
        await peer.ExpectDataAsync(id, InitialWindow);
        await peer.ExpectQuietAsync();

        await cancellation.CancelAsync();

        Assert.That(async () => await write.Soon(), Throws.InstanceOf<OperationCanceledException>());
        await peer.SendAsync(Frames.WndInc(id, 5));
        await stream.WriteAsync(Bytes("alive")).Soon();
        await peer.ExpectAsync(Frames.Data(id, "alive"));
    }

    [Test]
    public async Task A_cancelled_read_loses_no_byte()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        var received = new List<byte>();
        var content = Pattern.Bytes(2_000);
        var sending = peer.SendAsync([.. content.Chunk(10).Select(part => Frames.Data(id, part))]);

        var buffer = new byte[7];
        for (var i = 0; received.Count < content.Length; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var read = stream.ReadAsync(buffer, cancellation.Token).AsTask();
            if (i % 2 == 0)
                await cancellation.CancelAsync();
            try
            {
                received.AddRange(buffer[..await read.Soon()]);
            }
            catch (OperationCanceledException)
            {
                // Nothing was taken; the next read finds it.
            }
        }

        await sending;
        Assert.That(received, Is.EqualTo(content).AsCollection);
    }

    [Test]
    public async Task Disposing_a_stream_ends_its_pending_read_and_write_at_once()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        var read = stream.ReadAsync(new byte[1]).AsTask();
        var write = stream.WriteAsync(Pattern.Bytes(InitialWindow + 1)).AsTask();
        await peer.ExpectDataAsync(id, InitialWindow);

        var watch = Stopwatch.StartNew();
        await stream.DisposeAsync().Soon();

        Assert.That(async () => await read.Soon(), Throws.Exception.Not.InstanceOf<TimeoutException>());
        Assert.That(async () => await write.Soon(), Throws.Exception.Not.InstanceOf<TimeoutException>());
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(1)));
        await peer.ExpectAsync(Frames.Rst(id, 7)); // FIN would pass half of the message for the whole.
    }

    [Test]
    public async Task An_unread_stream_does_not_hold_up_another_one()
    {
        var (session, peer) = await ConnectAsync();
        await peer.SendAsync([Frames.Syn(Theirs(0)), .. Frames.Bulk(Theirs(0), Pattern.Bytes(InitialWindow))]);

        await peer.SendAsync(Frames.Syn(Theirs(1)), Frames.DataFin(Theirs(1), "through"));

        await AcceptAsync(session);
        Assert.That(await ReadToEndAsync(await AcceptAsync(session)), Is.EqualTo(Bytes("through")));
    }

    [Test]
    public async Task A_writer_without_credit_asks_after_the_peers_fin_whether_the_stream_is_still_there()
    {
        var (peer, id, write) = await WriteWithoutCreditAfterFinAsync();

        await peer.SendAsync(Frames.Rst(id, 4));

        Assert.That((await write.FailsSoon()).ErrorCode, Is.EqualTo(MuxadoErrorCode.StreamClosed));
        await peer.ExpectQuietAsync();
    }

    [Test]
    public async Task A_writer_whose_question_stays_unanswered_goes_on_when_credit_comes()
    {
        var (peer, id, write) = await WriteWithoutCreditAfterFinAsync();

        await peer.SendAsync(Frames.WndInc(id, 1));

        await peer.ExpectDataAsync(id, 1);
        await write.Soon();
    }

    /// <summary>
    /// Go's Close sends FIN and forgets the stream: only its answer to a frame of ours can tell that no credit will come. The
    /// frame is an empty DATA, and it is on the wire when this returns.
    /// </summary>
    private async Task<(RawPeer Peer, uint Id, Task Write)> WriteWithoutCreditAfterFinAsync()
    {
        var clock = new ManualTimeProvider();
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = clock);
        var (stream, id) = await AcceptFirstAsync(session, peer);
        var write = stream.WriteAsync(Pattern.Bytes(InitialWindow + 1)).AsTask();
        await peer.ExpectDataAsync(id, InitialWindow);
        await peer.SendAsync(Frames.Fin(id));
        await peer.ExpectQuietAsync();

        clock.Advance(TimeSpan.FromSeconds(5));

        await peer.ExpectAsync(Frames.Data(id, ""));
        Assert.That(write.IsCompleted, Is.False);
        return (peer, id, write);
    }
}
