using System.Diagnostics;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>Once the peer's bytes have ended, our side ends within 5 s, whatever came before.</summary>
public sealed class PeerEndTests(Role role) : ConformanceFixture(role)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    /// <summary>What happened last before the peer ended its bytes.</summary>
    public enum Before
    {
        Nothing,
        GoAway,
        PartOfTheDebugBytes,
        PartOfAHeader,
        PartOfAFrame,
        PartOfAGoAway,
        UnreadData,
        Fin,
        Reset,
        UnacceptedStream,
        RefusedStream,
        Heartbeat,
        BlockedWriter,
        OurGoAway,
        OurShutdown,
    }

    [Test]
    public async Task Our_side_ends_within_5_s_of_the_peers_end([Values] Before before)
    {
        var (session, peer) = await ConnectAsync(options => options.AcceptBacklog = 1);
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await LeadUpAsync(before, session, peer, stream);

        var watch = Stopwatch.StartNew();
        peer.EndSending();
        await peer.DrainAsync();
        var info = await session.Completion.Soon();

        Assert.That(watch.Elapsed, Is.LessThan(s_limit));
        var isOrderly = before is Before.GoAway or Before.PartOfTheDebugBytes;
        Assert.That(info.Error, Is.EqualTo(isOrderly ? MuxadoError.None : MuxadoError.TransportFailed));
    }

    [Test]
    public async Task Our_side_ends_within_5_s_of_the_peers_end_though_the_peer_takes_nothing()
    {
        var (session, peer) = await ConnectAsync();
        var (_, write) = await FillTheTransportAsync(session, peer);

        var watch = Stopwatch.StartNew();
        peer.EndSending();

        await ExpectCompletionAsync(session, MuxadoError.TransportFailed);
        Assert.That(watch.Elapsed, Is.LessThan(s_limit));
        Assert.That((await write.FailsSoon()).Error, Is.EqualTo(MuxadoError.TransportFailed));
    }

    [Test]
    public async Task Our_side_ends_5_s_after_an_illegal_frame_though_the_peer_takes_no_goaway([Values] bool thenEnds)
    {
        var clock = new ManualTimeProvider();
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = clock);
        var (_, write) = await FillTheTransportAsync(session, peer);

        await peer.SendAsync(Frames.Raw(31, 0, 0, 0));
        if (thenEnds)
            peer.EndSending();
        Assert.That((await write.FailsSoon()).Error, Is.EqualTo(MuxadoError.ProtocolViolation));
        clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.That(session.Completion.IsCompleted, Is.False);
        clock.Advance(TimeSpan.FromSeconds(0.2));

        await ExpectCompletionAsync(session, MuxadoError.ProtocolViolation, localCode: MuxadoErrorCode.ProtocolError);
    }

    private async Task LeadUpAsync(Before before, MuxadoSession session, RawPeer peer, MuxadoStream stream)
    {
        switch (before)
        {
            case Before.GoAway:
                await peer.SendAsync(Frames.PlainGoAway(0, 0));
                break;
            case Before.PartOfTheDebugBytes:
                await peer.SendBytesAsync(Frames.GoAway(0, 0, "a long story").Bytes[..20]);
                break;
            case Before.PartOfAHeader:
                await peer.SendBytesAsync(Frames.Fin(stream.Id).Bytes[..3]);
                break;
            case Before.PartOfAFrame:
                await peer.SendBytesAsync(Frames.Data(stream.Id, "hello").Bytes[..10]);
                break;
            case Before.PartOfAGoAway:
                await peer.SendBytesAsync(Frames.GoAway(0, 0).Bytes[..12]);
                break;
            case Before.UnreadData:
                await peer.SendAsync(Frames.Bulk(stream.Id, Pattern.Bytes(InitialWindow)));
                break;
            case Before.Fin:
                await peer.SendAsync(Frames.Fin(stream.Id));
                break;
            case Before.Reset:
                await peer.SendAsync(Frames.Rst(stream.Id, 7));
                break;
            case Before.UnacceptedStream:
                await peer.SendAsync(Frames.Syn(Theirs(1)));
                break;
            case Before.RefusedStream:
                await peer.SendAsync(Frames.Syn(Theirs(1)), Frames.Syn(Theirs(2)));
                break;
            case Before.Heartbeat:
                await peer.PingAsync();
                break;
            case Before.BlockedWriter:
                _ = stream.WriteAsync(Pattern.Bytes(InitialWindow + 1)).AsTask();
                await peer.ExpectDataAsync(stream.Id, InitialWindow);
                break;
            case Before.OurGoAway:
                await session.GoAwayAsync().Soon();
                await peer.ExpectGoAwayAsync(0);
                break;
            case Before.OurShutdown:
                _ = session.ShutdownAsync().AsTask();
                await peer.ExpectGoAwayAsync(0);
                break;
        }
    }
}
