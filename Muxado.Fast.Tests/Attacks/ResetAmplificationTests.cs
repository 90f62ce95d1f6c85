using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>A peer provokes resets, a few bytes for each, and takes none of them.</summary>
public sealed class ResetAmplificationTests(Role role) : AttackFixture(role)
{
    private const int Streams = 20_000;
    private const int MostQueued = 1024;
    private const int OutputBytes = 4 * 1024;

    [Test]
    public async Task A_closed_stream_is_reset_once_however_many_frames_come_on_it()
    {
        // More ids than half a thousand, over and over again: whoever remembers fewer has forgotten the first when it comes round.
        const int Closed = 900;
        const int Rounds = 50;
        var (session, peer) = await ConnectAsync(outputBytes: OutputBytes);
        await peer.SendAsync(Frames.Syn(Theirs(Closed)));
        var flood = peer.Flood(Closed * Rounds, n => [Frames.Data(Theirs(n % Closed), "x")]);

        await Apart(() => peer.SendNow(flood));
        await Timing.Until(() => session.GetSnapshot().BytesReceived == WireFrame.HeaderBytes + flood.Length, "all of it has come");

        Assert.That(session.GetSnapshot().ResetsSent, Is.EqualTo(Closed));
        Assert.That(QueuedBytes(session), Is.LessThanOrEqualTo(Closed * RstBytes));
        for (var n = 0; n < Closed; n++)
            await peer.ExpectAsync(Frames.Rst(Theirs(n), 4));
        await peer.ExpectQuietAsync();
    }

    [Test]
    public async Task With_1024_resets_queued_nothing_is_read_until_the_peer_takes_them([Values] Provocation provocation)
    {
        var (session, peer) = await ConnectAsync(options => options.MaxInboundStreams = 1, OutputBytes);
        var flood = Prepare(peer, provocation);

        var flooding = Apart(() => peer.SendNow(flood));
        await Timing.Until(() => session.GetSnapshot().IsReadingPaused, "reading is paused");
        await UntilStuckAsync(session);

        var snapshot = session.GetSnapshot();
        Assert.That(QueuedBytes(session), Is.InRange(1, MostQueued * RstBytes));
        Assert.That(snapshot.ResetsSent, Is.LessThan(Streams / 2), "it has stopped answering");
        for (var n = 0; n < Streams; n++)
            await peer.ExpectAsync(AnswerTo(provocation, n));
        await flooding;
        await peer.ExpectQuietAsync();
        snapshot = session.GetSnapshot();
        Assert.That((snapshot.ResetsSent, snapshot.IsReadingPaused), Is.EqualTo(((long)Streams, false)));
    }

    [Test]
    public async Task A_session_that_ends_while_it_reads_nothing_gives_up_what_it_reads_with()
    {
        var (session, peer) = await ConnectAsync(options => options.MaxInboundStreams = 1, OutputBytes);
        var flood = Prepare(peer, Provocation.DataOnClosedStreams);
        await Apart(() => peer.SendNow(flood.AsSpan(0, flood.Length / 4)));
        await Timing.Until(() => session.GetSnapshot().IsReadingPaused, "reading is paused");
        await UntilStuckAsync(session);

        session.Abort();

        await Timing.Until(() => !session.GetSnapshot().IsReadingPaused, "the pump has found out");
    }

    [Test]
    public async Task A_peer_that_takes_nothing_for_10_seconds_is_cut_off()
    {
        var clock = new ManualTimeProvider();
        var (session, peer) = await ConnectAsync(options => (options.TimeProvider, options.MaxInboundStreams) = (clock, 1), OutputBytes);
        var flood = Prepare(peer, Provocation.DataOnClosedStreams);
        await Apart(() => peer.SendNow(flood.AsSpan(0, flood.Length / 4)));
        await Timing.Until(() => session.GetSnapshot().IsReadingPaused, "reading is paused");
        await UntilStuckAsync(session);

        clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.That(session.Completion.IsCompleted, Is.False);
        clock.Advance(TimeSpan.FromSeconds(0.2));

        var info = await ExpectCompletionAsync(session, MuxadoError.TransportFailed);
        Assert.That(info.Exception!.Message, Does.Contain(nameof(MuxadoSessionOptions.WriteStallTimeout)));
        Assert.That(info.Exception.InnerException, Is.InstanceOf<TimeoutException>());
    }

    /// <summary>A flood that has every stream reset, each once.</summary>
    private byte[] Prepare(RawPeer peer, Provocation provocation)
    {
        switch (provocation)
        {
            case Provocation.RefusedStreams:
                byte[] first = Frames.Syn(Theirs(0)).Bytes.ToArray();
                return [.. first, .. peer.Flood(Streams, n => [Frames.Syn(Theirs(n + 1))])];
            case Provocation.UnknownExtensions:
                return peer.Flood(Streams, n => [Frames.SynWithType(Theirs(n), 0xFFFF_FF42)]);
            default:
                return [.. peer.Flood(1, _ => [Frames.Syn(Theirs(Streams))]), .. peer.Flood(Streams, n => [Frames.Data(Theirs(n), [])])];
        }
    }

    private WireFrame AnswerTo(Provocation provocation, int n) => provocation == Provocation.RefusedStreams
        ? Frames.Rst(Theirs(n + 1), 6)
        : Frames.Rst(Theirs(n), 4);

    public enum Provocation
    {
        DataOnClosedStreams,
        RefusedStreams,
        UnknownExtensions,
    }
}
