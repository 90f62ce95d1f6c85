using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>How streams are numbered. (Ids that end the session are among <see cref="IllegalFrameTests"/>.)</summary>
public sealed class IdTests(Role role) : ConformanceFixture(role)
{
    [Test]
    public async Task Our_first_stream_is_3_for_a_client_and_2_for_a_server_and_each_next_one_is_2_more()
    {
        var (session, peer) = await ConnectAsync();

        await peer.ExpectQuietAsync();
        Assert.That((await OpenAsync(session, peer)).Id, Is.EqualTo(SessionIsClient ? 3 : 2));
        Assert.That((await OpenAsync(session, peer)).Id, Is.EqualTo(SessionIsClient ? 5 : 4));
        Assert.That((await OpenAsync(session, peer)).Id, Is.EqualTo(SessionIsClient ? 7 : 6));
    }

    [Test]
    public async Task Streams_opened_by_many_threads_reach_the_wire_in_the_order_of_their_ids()
    {
        const int Threads = 4;
        const int StreamsPerThread = 50;
        var (session, peer) = await ConnectAsync();

        var opening = Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < StreamsPerThread; i++)
                await session.OpenStream().WriteAsync(Bytes("x")).Soon();
        })));

        var opened = new List<uint>();
        while (peer.Received.Count < 2 * Threads * StreamsPerThread)
        {
            var frame = await peer.ReceiveAsync("SYN or DATA");
            if (frame is { Type: WireType.Syn })
                opened.Add(frame.StreamId);
            else
                Assert.That(opened, Does.Contain(frame!.StreamId), "a stream starts with its SYN");
        }
        await opening.Soon();
        Assert.That(opened, Is.EqualTo(Enumerable.Range(0, Threads * StreamsPerThread).Select(Ours)));
    }

    [Test]
    public async Task When_our_ids_are_used_up_opening_fails_and_live_streams_go_on()
    {
        var last = SessionIsClient ? 0x7FFF_FFFFu : 0x7FFF_FFFEu;
        var (session, peer) = await ConnectAsync(options => options.FirstStreamId = last);
        var (stream, id) = await OpenAsync(session, peer);
        Assert.That(id, Is.EqualTo(last));

        var failure = await Task.Run(() => session.OpenStream()).FailsSoon();

        Assert.That(failure.Error, Is.EqualTo(MuxadoError.StreamsExhausted));
        Assert.That(failure.IsRetrySafe, "on another session");
        await stream.WriteAsync(Bytes("alive")).Soon();
        await peer.ExpectAsync(Frames.Data(id, "alive"));
        await peer.SendAsync(Frames.DataFin(id, "indeed"));
        Assert.That(await ReadToEndAsync(stream), Is.EqualTo(Bytes("indeed")));
        var (theirs, theirId) = await AcceptFirstAsync(session, peer);
        await theirs.WriteAsync(Bytes("welcome")).Soon();
        await peer.ExpectAsync(Frames.Data(theirId, "welcome"));
    }

    [Test]
    public async Task A_gap_between_the_peers_ids_is_legal()
    {
        var (session, peer) = await ConnectAsync();

        await peer.SendAsync(Frames.Syn(Theirs(4)), Frames.Syn(Theirs(900)), Frames.Data(Theirs(900), "far"));

        Assert.That((await AcceptAsync(session)).Id, Is.EqualTo(Theirs(4)));
        var far = await AcceptAsync(session);
        Assert.That(far.Id, Is.EqualTo(Theirs(900)));
        Assert.That(await ReadTextAsync(far, 3), Is.EqualTo("far"));
    }

    [Test]
    public async Task The_highest_id_can_be_used()
    {
        var (session, peer) = await ConnectAsync();
        var highest = SessionIsClient ? 0x7FFF_FFFEu : 0x7FFF_FFFFu;
        await peer.ExpectQuietAsync();

        await peer.SendAsync(Frames.Syn(highest), Frames.Data(highest, "last"));

        var stream = await AcceptAsync(session);
        Assert.That(stream.Id, Is.EqualTo(highest));
        Assert.That(await ReadTextAsync(stream, 4), Is.EqualTo("last"));
        await stream.WriteAsync(Bytes("one"), completeWrites: true).Soon();
        await peer.ExpectAsync(Frames.DataFin(highest, "one"));
    }

    [Test]
    public async Task Skipped_ids_count_as_closed()
    {
        var (_, peer) = await ConnectAsync();
        await peer.SendAsync(Frames.Syn(Theirs(4)));

        await peer.SendAsync(Frames.Rst(Theirs(0), 7), Frames.WndInc(Theirs(1), 100), Frames.Fin(Theirs(2)));
        await peer.ExpectQuietAsync();
        await peer.SendAsync(Frames.Data(Theirs(3), "late"));

        await peer.ExpectAsync(Frames.Rst(Theirs(3), 4));
        await peer.SendAsync(Frames.Data(Theirs(3), "later"));
        await peer.ExpectQuietAsync();
    }
}
