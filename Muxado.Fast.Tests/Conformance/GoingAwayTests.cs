using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>GOAWAY, from us and from the peer: no new streams, and the old ones go on.</summary>
public sealed class GoingAwayTests(Role role) : ConformanceFixture(role)
{
    [Test]
    public async Task Our_goaway_names_0_when_the_peer_opened_nothing()
    {
        var (session, peer) = await ConnectAsync();

        await session.GoAwayAsync().Soon();

        await peer.ExpectAsync(Frames.GoAway(0, 0));
    }

    [Test]
    public async Task Our_goaway_names_the_last_stream_that_we_accepted_from_the_peer()
    {
        var (session, peer) = await ConnectAsync(options => options.AcceptBacklog = 2);
        await peer.SendAsync(Frames.Syn(Theirs(0)), Frames.Syn(Theirs(1)), Frames.Syn(Theirs(2)));
        await peer.ExpectAsync(Frames.Rst(Theirs(2), 6));

        await session.GoAwayAsync(MuxadoErrorCode.Cancel, Bytes("tired")).Soon();

        await peer.ExpectAsync(Frames.GoAway(Theirs(1), 7, "tired"));
    }

    [Test]
    public async Task After_our_goaway_a_new_stream_is_refused_once_and_its_frames_are_ignored()
    {
        var (session, peer) = await ConnectAsync();
        await peer.ExpectQuietAsync();
        await session.GoAwayAsync().Soon();
        await peer.ExpectGoAwayAsync(0);
        var id = Theirs(1);

        await peer.SendAsync(Frames.Syn(id), Frames.Data(id, "frames"), Frames.WndInc(id, 5), Frames.DataFin(id, "here"), Frames.Rst(id, 7));

        await peer.ExpectAsync(Frames.Rst(id, 6));
        await peer.ExpectQuietAsync();
        Assert.That(session.Completion.IsCompleted, Is.False);
    }

    [Test]
    public async Task After_our_goaway_live_streams_go_on()
    {
        var (session, peer) = await ConnectAsync();
        var (opened, openedId) = await OpenAsync(session, peer);
        var (accepted, acceptedId) = await AcceptFirstAsync(session, peer);

        await session.GoAwayAsync().Soon();
        await peer.ExpectAsync(Frames.GoAway(acceptedId, 0));
        await peer.SendAsync(Frames.DataFin(openedId, "one"), Frames.DataFin(acceptedId, "two"));

        Assert.That(await ReadToEndAsync(opened), Is.EqualTo(Bytes("one")));
        Assert.That(await ReadToEndAsync(accepted), Is.EqualTo(Bytes("two")));
        await opened.WriteAsync(Bytes("three"), completeWrites: true).Soon();
        await accepted.WriteAsync(Bytes("four"), completeWrites: true).Soon();
        await peer.ExpectAsync(Frames.DataFin(openedId, "three"), Frames.DataFin(acceptedId, "four"));
    }

    [Test]
    public async Task The_peers_goaway_fails_our_streams_above_its_last_safe_to_retry_and_the_others_live()
    {
        var (session, peer) = await ConnectAsync();
        var (handled, handledId) = await OpenAsync(session, peer);
        var (unseen, _) = await OpenAsync(session, peer);
        var read = unseen.ReadAsync(new byte[1]);

        await peer.SendAsync(Frames.PlainGoAway(handledId, 0));

        var failure = await read.FailsSoon();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(failure.Error, Is.EqualTo(MuxadoError.GoingAway));
            Assert.That(failure.IsRetrySafe);
        }
        Assert.That((await unseen.WriteAsync(Bytes("x")).FailsSoon()).IsRetrySafe);
        await unseen.DisposeAsync().Soon();
        await peer.ExpectQuietAsync(); // A frame on a stream that it never handled makes Go close the session.
        await handled.WriteAsync(Bytes("alive")).Soon();
        await peer.ExpectAsync(Frames.Data(handledId, "alive"));
        await peer.SendAsync(Frames.DataFin(handledId, "indeed"));
        Assert.That(await ReadToEndAsync(handled), Is.EqualTo(Bytes("indeed")));
    }

    [Test]
    public async Task The_peers_goaway_ends_a_writer_above_its_last_and_lets_one_below_go_on()
    {
        var (session, peer) = await ConnectAsync();
        var (handled, handledId) = await OpenAsync(session, peer);
        var (unseen, unseenId) = await OpenAsync(session, peer);
        var handledWrite = handled.WriteAsync(Pattern.Bytes(InitialWindow + 1)).AsTask();
        await peer.ExpectDataAsync(handledId, InitialWindow);
        var unseenWrite = unseen.WriteAsync(Pattern.Bytes(InitialWindow + 1)).AsTask();
        await peer.ExpectDataAsync(unseenId, InitialWindow);

        await peer.SendAsync(Frames.PlainGoAway(handledId | 0x8000_0000, 0), Frames.WndInc(unseenId, 1), Frames.WndInc(handledId, 1));

        Assert.That((await unseenWrite.FailsSoon()).IsRetrySafe);
        await peer.ExpectDataAsync(handledId, 1);
        await handledWrite.Soon();
        await peer.ExpectQuietOnAsync(unseenId);
    }

    [Test]
    public async Task After_the_peers_goaway_no_stream_can_be_opened()
    {
        var (session, peer) = await ConnectAsync();
        await peer.SendAsync(Frames.PlainGoAway(0, 0));
        await peer.ExpectQuietAsync();

        var failure = await Task.Run(() => session.OpenStream()).FailsSoon();

        Assert.That(failure.Error, Is.EqualTo(MuxadoError.GoingAway));
        Assert.That(failure.IsRetrySafe);
        await peer.ExpectQuietAsync();
    }

    [Test]
    public async Task After_its_goaway_the_peer_may_still_open_streams()
    {
        var (session, peer) = await ConnectAsync();

        await peer.SendAsync(Frames.PlainGoAway(0, 0), Frames.Syn(Theirs(0)), Frames.DataFin(Theirs(0), "still here"));

        Assert.That(await ReadToEndAsync(await AcceptAsync(session)), Is.EqualTo(Bytes("still here")));
    }

    [Test]
    public async Task Shutting_down_lets_live_streams_finish_and_then_closes()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);

        var shutdown = session.ShutdownAsync().AsTask();
        await peer.ExpectAsync(Frames.GoAway(id, 0));
        await peer.SendAsync(Frames.DataFin(id, "last words"));
        Assert.That(await ReadToEndAsync(stream), Is.EqualTo(Bytes("last words")));
        Assert.That(shutdown.IsCompleted, Is.False);
        await stream.WriteAsync(Bytes("farewell"), completeWrites: true).Soon();
        await stream.DisposeAsync().Soon();

        await peer.ExpectAsync(Frames.DataFin(id, "farewell"), Frames.GoAway(id, 0));
        await peer.ExpectEndAsync();
        peer.EndSending();
        await shutdown.Soon();
        Assert.That((await session.Completion.Soon()).Error, Is.EqualTo(MuxadoError.None));
    }

    [Test]
    public async Task Cancelling_a_shutdown_aborts()
    {
        var (session, peer) = await ConnectAsync();
        await AcceptFirstAsync(session, peer);
        using var cancellation = new CancellationTokenSource();
        var shutdown = session.ShutdownAsync(cancellation.Token).AsTask();
        await peer.ExpectGoAwayAsync(0);

        await cancellation.CancelAsync();

        Assert.That((await session.Completion.Soon()).Error, Is.EqualTo(MuxadoError.SessionAborted));
        Assert.That(async () => await shutdown.Soon(), Throws.InstanceOf<OperationCanceledException>());
    }
}
