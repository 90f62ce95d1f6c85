using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>A peer opens streams without end, and the application accepts none.</summary>
public sealed class SynFloodTests(Role role) : AttackFixture(role)
{
    private const int Streams = 20_000;

    [Test]
    public async Task Streams_past_the_backlog_are_refused_and_reading_goes_on()
    {
        const int Backlog = 1024;
        var (session, peer) = await ConnectAsync();
        var flood = peer.Flood(Streams, n => [Frames.Syn(Theirs(n))]);

        var flooding = Apart(() => peer.SendNow(flood));

        for (var n = Backlog; n < Streams; n++)
            await peer.ExpectAsync(Frames.Rst(Theirs(n), 6));
        await flooding;
        await peer.PingAsync();
        var snapshot = session.GetSnapshot();
        Assert.That((snapshot.QueuedStreams, snapshot.ActiveStreams), Is.EqualTo((Backlog, Backlog)));
        Assert.That(snapshot.ResetsSent, Is.EqualTo(Streams - Backlog));

        await peer.SendAsync(Frames.DataFin(Theirs(Backlog - 1), "still taken"));
        MuxadoStream? last = null;
        for (var n = 0; n < Backlog; n++)
            last = await AcceptAsync(session);
        Assert.That(await ReadToEndAsync(last!), Is.EqualTo(Bytes("still taken")));
    }

    [Test]
    public async Task A_stream_without_data_takes_at_most_512_bytes()
    {
        const int Recycled = 4096; // At most so many objects of earlier streams may serve again, and then cost nothing here.
        var (session, peer) = await ConnectAsync(options => options.AcceptBacklog = options.MaxInboundStreams = Streams);
        var flood = peer.Flood(Streams, n => [Frames.Syn(Theirs(n))]);
        var before = LiveBytes();

        await Apart(() => peer.SendNow(flood));
        await Timing.Until(() => session.GetSnapshot().QueuedStreams == Streams, "all streams are in the backlog");

        var bytesPerStream = (double)(LiveBytes() - before) / (Streams - Recycled);
        GC.KeepAlive(flood);
        TestContext.Out.WriteLine($"{bytesPerStream:F0} B per stream");
        Assert.That(bytesPerStream, Is.LessThanOrEqualTo(512));
    }
}
