using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Diagnostics;

/// <summary>The events of the source "Muxado-Fast".</summary>
public sealed class EventTests : DiagnosticsFixture
{
    private const int Sessions = 1;
    private const int Streams = 2;
    private const int AllFrames = 4;

    [Test, CancelAfter(30_000)]
    public async Task A_session_tells_its_life()
    {
        using var events = new RecordedEvents(Sessions);
        var (session, peer) = await ConnectAsync();
        await session.GoAwayAsync(MuxadoErrorCode.Cancel);
        await peer.ExpectGoAwayAsync(7);
        await peer.SendAsync(Frames.GoAway(0, 0));
        await Timing.Until(() => session.GetSnapshot().IsPeerGoingAway, "the peer's GOAWAY has come");
        Clock.Advance(TimeSpan.FromSeconds(8));
        session.Abort();
        await session.Completion.Soon();

        Assert.That(events.Of(session), Is.EqualTo(new[]
        {
            $"SessionStarted|client|{session.LocalEndPoint}|{session.RemoteEndPoint}",
            "SessionGoingAway|sent|0|7",
            "SessionGoingAway|received|0|0",
            "SessionStopped|SessionAborted|8|The session was aborted on this side.",
        }));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_peer_that_falls_silent_is_told_of()
    {
        using var events = new RecordedEvents(Sessions);
        var (session, peer) = await ConnectAsync(configure: options =>
        {
            options.HeartbeatInterval = TimeSpan.FromSeconds(3);
            options.HeartbeatTolerance = TimeSpan.FromSeconds(1);
        });
        await peer.ExpectAsync(Frames.Heartbeat(3));
        Clock.Advance(TimeSpan.FromSeconds(10));
        await session.Completion.Soon();

        Assert.That(events.Of(session).Skip(1).First(), Is.EqualTo("HeartbeatTimeout|4"));
        Assert.That(events.Of(session).Last(), Does.StartWith("SessionStopped|HeartbeatTimeout|"));
    }

    [Test, CancelAfter(30_000)]
    public async Task Streams_tell_how_they_begin_and_end()
    {
        using var events = new RecordedEvents(Streams);
        var (session, peer) = await ConnectAsync();
        var orderly = Own(session.OpenStream(new MuxadoStreamOptions { Priority = 8, StreamType = 9 }));
        await orderly.WriteAsync(new byte[1], completeWrites: true).Soon();
        await peer.ExpectAsync(Frames.Syn(3, 8, 9), Frames.DataFin(3, [0]));
        await peer.SendAsync(Frames.Fin(3));
        await peer.SendAsync(Frames.Syn(2, 10, 11));
        var accepted = Own(await session.AcceptStreamAsync().Soon());
        accepted.Abort(MuxadoErrorCode.InternalError);
        accepted.Abort(MuxadoErrorCode.InternalError);
        await peer.ExpectAsync(Frames.Rst(2, 2));
        await peer.SendAsync(Frames.Syn(4), Frames.Rst(4, 99));
        await peer.SendAsync(Frames.Data(2, "too late"));
        await peer.SendAsync(Frames.Data(3, "much too late"));
        await peer.ExpectAsync(Frames.Rst(3, 4));

        Assert.That(events.Of(session), Is.EqualTo(new[]
        {
            "StreamOpened|3|9|8",
            "StreamClosed|3",
            "StreamAccepted|2|11|10",
            "StreamClosed|2",
            "StreamReset|2|sent|2",
            "StreamAccepted|4|0|0",
            "StreamReset|4|received|99",
            "StreamClosed|4",
            "StreamReset|3|sent|4",
        }));
    }

    [Test, CancelAfter(30_000)]
    public async Task Frames_are_told_of_a_session_that_began_while_somebody_listened_to_frames()
    {
        var (before, peerBefore) = await ConnectAsync();
        using var events = new RecordedEvents(AllFrames);
        var (session, peer) = await ConnectAsync();
        foreach (var (opener, at) in new[] { (before, peerBefore), (session, peer) })
        {
            var stream = Own(opener.OpenStream(new MuxadoStreamOptions { Priority = 8 }));
            await stream.WriteAsync(new byte[5], completeWrites: true).Soon();
            await at.ExpectAsync(Frames.SynWithPriority(3, 8), Frames.DataFin(3, new byte[5]));
            await at.SendAsync(Frames.WndInc(3, 70), Frames.Rst(3, 7));
            await Timing.Until(() => opener.ActiveStreams == 0, "the reset has come");
        }

        Assert.That(events.Of(before), Is.Empty);
        Assert.That(events.Of(session), Is.EqualTo(new[]
        {
            "FrameSent|SYN|3|4|priority 8",
            "FrameSent|DATA|3|5|FIN",
            "FrameReceived|WND_INC|3|4|+70 B",
            "FrameReceived|RST|3|4|Cancel, code 7",
        }));
    }
}
