using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Diagnostics;

/// <summary>What <see cref="MuxadoSession.GetSnapshot"/> tells, in each state of a session and of a stream.</summary>
public sealed class SnapshotTests : DiagnosticsFixture
{
    private const int Window = 65_536;

    [Test, CancelAfter(30_000)]
    public async Task A_new_session_has_done_nothing([Values] bool isClient)
    {
        var (session, _) = await ConnectAsync(isClient);
        var (next, _) = await ConnectAsync();
        Clock.Advance(TimeSpan.FromSeconds(5));
        var snapshot = session.GetSnapshot();

        Assert.That(snapshot.Streams, Is.Empty);
        Assert.That(snapshot, Is.EqualTo(new MuxadoSessionSnapshot
        {
            SessionNumber = snapshot.SessionNumber,
            IsClient = isClient,
            Age = TimeSpan.FromSeconds(5),
            Streams = snapshot.Streams,
        }));
        Assert.That(next.GetSnapshot().SessionNumber, Is.GreaterThan(snapshot.SessionNumber));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_session_counts_what_it_does()
    {
        var (session, peer) = await ConnectAsync();
        var stream = await OpenAsync(session, peer);
        await stream.WriteAsync(new byte[100]).Soon();
        await peer.ExpectDataAsync(stream.Id, 100);
        await peer.SendAsync(Frames.Syn(2), Frames.Syn(4), Frames.Rst(4, 7), Frames.Data(stream.Id, new byte[50]));
        await stream.ReadExactlyAsync(new byte[50]).AsTask().Soon();
        Own(session.OpenStream()).Abort();
        await Timing.Until(() => session.GetSnapshot().UnsentBytes == 0, "all of that has left");
        var snapshot = session.GetSnapshot();

        Assert.That((snapshot.StreamsOpened, snapshot.StreamsAccepted, snapshot.ActiveStreams, snapshot.QueuedStreams), Is.EqualTo((2L, 2L, 2, 1)));
        Assert.That((snapshot.ResetsSent, snapshot.ResetsReceived), Is.EqualTo((1L, 1L)));
        Assert.That((snapshot.BytesSent, snapshot.BytesReceived), Is.EqualTo((8L + 108 + 8 + 12, 8L + 8 + 12 + 58)));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_session_tells_how_far_it_has_come()
    {
        var (session, peer) = await ConnectAsync();
        Assert.That(session.GetSnapshot(), Has.Property("State").EqualTo(MuxadoSessionState.Open).And.Property("IsGoingAway").False);

        await session.GoAwayAsync();
        Assert.That(session.GetSnapshot(), Has.Property("State").EqualTo(MuxadoSessionState.Open).And.Property("IsGoingAway").True.And.Property("IsPeerGoingAway").False);

        await peer.SendAsync(Frames.GoAway(0, 0));
        await Timing.Until(() => session.GetSnapshot().IsPeerGoingAway, "the peer's GOAWAY has come");

        var closing = session.CloseAsync().AsTask();
        Assert.That(session.GetSnapshot().State, Is.EqualTo(MuxadoSessionState.Closing));

        Clock.Advance(TimeSpan.FromSeconds(1));
        peer.EndSending();
        await closing.Soon();
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(session.GetSnapshot(), Has.Property("State").EqualTo(MuxadoSessionState.Closed).And.Property("Age").EqualTo(TimeSpan.FromSeconds(1)));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_stream_is_told_in_each_of_its_states()
    {
        var (session, peer) = await ConnectAsync();
        await peer.SendAsync(Frames.Syn(2, 7, 8));
        await Timing.Until(() => session.GetSnapshot().QueuedStreams == 1, "the SYN has come");
        var expected = new MuxadoStreamSnapshot
        {
            Id = 2,
            Priority = 7,
            StreamType = 8,
            IsInbound = true,
            IsQueued = true,
            ReceiveWindowBytes = Window,
            ReceiveCreditBytes = Window,
            SendCreditBytes = Window,
        };
        Assert.That(Only(), Is.EqualTo(expected));

        var stream = Own(await session.AcceptStreamAsync().Soon());
        expected = expected with { IsQueued = false };
        Assert.That(Only(), Is.EqualTo(expected));

        var reading = stream.ReadAsync(new byte[10]).AsTask();
        Assert.That(Only(), Is.EqualTo(expected with { IsReadWaiting = true }));

        await peer.SendAsync(Frames.Data(2, new byte[25]));
        await reading.Soon();
        expected = expected with { UnreadBytes = 15, ReceiveCreditBytes = Window - 25 };
        Assert.That(Only(), Is.EqualTo(expected));

        var writing = stream.WriteAsync(new byte[Window + 30]).AsTask();
        await peer.ExpectDataAsync(2, Window);
        expected = expected with { SendCreditBytes = 0 };
        Assert.That(Only(), Is.EqualTo(expected with { IsWriteWaiting = true, UnsentBytes = 30 }));
        Assert.That(session.GetSnapshot().UnsentBytes, Is.EqualTo(30));

        await peer.SendAsync(Frames.WndInc(2, 70));
        await writing.Soon();
        stream.CompleteWrites();
        expected = expected with { SendCreditBytes = 40, AreWritesCompleted = true };
        Assert.That(Only(), Is.EqualTo(expected));

        await peer.SendAsync(Frames.Fin(2));
        await Timing.Until(() => session.ActiveStreams == 0, "the FIN has come");
        expected = expected with { AreReadsCompleted = true };
        Assert.That(Only(), Is.EqualTo(expected), "over on the wire, and not disposed");

        await stream.DisposeAsync();
        Assert.That(session.GetSnapshot().Streams, Is.Empty);

        MuxadoStreamSnapshot Only() => session.GetSnapshot().Streams.Single();
    }

    [Test, CancelAfter(30_000)]
    public async Task A_stream_that_failed_says_why()
    {
        var (session, peer) = await ConnectAsync();
        var (aborted, reset, left, disposed) = (await OpenAsync(session, peer), await OpenAsync(session, peer), await OpenAsync(session, peer), await OpenAsync(session, peer));
        aborted.Abort(MuxadoErrorCode.InternalError);
        var disposedId = disposed.Id;
        await disposed.DisposeAsync();
        await peer.SendAsync(Frames.Rst(reset.Id, 6));
        await Timing.Until(() => session.ActiveStreams == 2, "the RST has come");
        Assert.That(Errors(), Is.EqualTo(new (uint, MuxadoError, MuxadoErrorCode?, bool)[]
        {
            (aborted.Id, MuxadoError.StreamAborted, MuxadoErrorCode.InternalError, false),
            (reset.Id, MuxadoError.StreamRefused, MuxadoErrorCode.RefusedStream, false),
            (left.Id, MuxadoError.None, null, false),
            (disposedId, MuxadoError.None, null, true),
        }));

        session.Abort();
        await session.Completion.Soon();
        Assert.That(Errors(), Is.EqualTo(new (uint, MuxadoError, MuxadoErrorCode?, bool)[]
        {
            (aborted.Id, MuxadoError.StreamAborted, MuxadoErrorCode.InternalError, false),
            (reset.Id, MuxadoError.StreamRefused, MuxadoErrorCode.RefusedStream, false),
            (left.Id, MuxadoError.SessionAborted, null, false),
        }), "after the end too; the disposed one has nobody any more");

        IEnumerable<(uint, MuxadoError, MuxadoErrorCode?, bool)> Errors() =>
            session.GetSnapshot().Streams.Select(stream => (stream.Id, stream.Error, stream.ErrorCode, stream.IsDisposed));
    }

    [Test, CancelAfter(30_000)]
    public async Task The_heartbeat_is_shown_and_not_counted()
    {
        var (session, peer) = await ConnectAsync(configure: options => options.HeartbeatInterval = TimeSpan.FromSeconds(3));
        await peer.ExpectAsync(Frames.Heartbeat(3));
        await peer.PingAsync();
        var snapshot = session.GetSnapshot();

        Assert.That(snapshot.Streams.Select(stream => (stream.Id, stream.IsInbound, stream.IsExtension, stream.StreamType)), Is.EqualTo(new[]
        {
            (2u, true, true, MuxadoExtension.FirstReservedStreamType),
            (3u, false, true, MuxadoExtension.FirstReservedStreamType),
        }));
        Assert.That((snapshot.ActiveStreams, snapshot.StreamsOpened, snapshot.StreamsAccepted), Is.EqualTo((0, 0L, 0L)));
    }

    [Test, CancelAfter(60_000)]
    public async Task Snapshots_may_be_taken_while_streams_come_and_go()
    {
        const int Operations = 3_000;
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp);
        var opening = Task.Run(async () =>
        {
            for (var i = 0; i < Operations; i++)
            {
                await using var stream = pair.Client.OpenStream();
                await stream.WriteAsync(new byte[64], completeWrites: true);
                await stream.ReadExactlyAsync(new byte[64]);
            }
        });
        var accepting = Task.Run(async () =>
        {
            for (var i = 0; i < Operations; i++)
            {
                await using var stream = await pair.Server.AcceptStreamAsync();
                await stream.ReadExactlyAsync(new byte[64]);
                await stream.WriteAsync(new byte[64], completeWrites: true);
            }
        });
        var seen = 0;
        while (!opening.IsCompleted || !accepting.IsCompleted)
        {
            foreach (var stream in pair.Server.GetSnapshot().Streams.Where(stream => !stream.IsExtension))
            {
                seen++;
                Assert.That(stream.Id % 2, Is.EqualTo(1), "a core of the other session was taken for one of this");
                Assert.That(stream.UnreadBytes + stream.ReceiveCreditBytes, Is.InRange(stream.ReceiveWindowBytes - 64, stream.ReceiveWindowBytes));
            }
        }

        await Task.WhenAll(opening, accepting).Soon();
        Assert.That(seen, Is.Positive);
        Assert.That(pair.Server.GetSnapshot().StreamsAccepted, Is.EqualTo(Operations));
    }
}
