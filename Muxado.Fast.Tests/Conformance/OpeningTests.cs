using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>How a stream begins.</summary>
public sealed class OpeningTests(Role role) : ConformanceFixture(role)
{
    [Test]
    public async Task A_stream_is_announced_though_nothing_is_written()
    {
        var (session, peer) = await ConnectAsync();

        var stream = session.OpenStream();

        await peer.ExpectAsync(Frames.Syn(stream.Id));
    }

    [Test]
    public async Task A_reader_that_waits_for_the_peer_to_speak_first_is_announced()
    {
        var (session, peer) = await ConnectAsync();
        var stream = session.OpenStream();

        var read = ReadTextAsync(stream, 5);

        await peer.ExpectAsync(Frames.Syn(stream.Id));
        await peer.SendAsync(Frames.Data(stream.Id, "hello"));
        Assert.That(await read, Is.EqualTo("hello"));
    }

    [Test]
    public async Task The_first_write_follows_the_syn()
    {
        var (session, peer) = await ConnectAsync();
        var stream = session.OpenStream();

        await stream.WriteAsync(Bytes("hello")).Soon();

        await peer.ExpectAsync(Frames.Syn(stream.Id), Frames.Data(stream.Id, "hello"));
    }

    [Test]
    public async Task A_stream_opened_half_closed_is_syn_then_an_empty_fin_and_never_syn_with_fin()
    {
        var (session, peer) = await ConnectAsync();

        var stream = session.OpenStream(new MuxadoStreamOptions { CompleteWrites = true });

        await peer.ExpectAsync(Frames.Syn(stream.Id), Frames.Fin(stream.Id));
        await peer.SendAsync(Frames.DataFin(stream.Id, "for you"));
        Assert.That(await ReadToEndAsync(stream), Is.EqualTo(Bytes("for you")));
    }

    [TestCase(0u, 0u)]
    [TestCase(5u, 0u)]
    [TestCase(0u, 7u)]
    [TestCase(5u, 7u)]
    [TestCase(uint.MaxValue, Frames.HeartbeatType - 1)]
    public async Task Priority_and_type_are_sent(uint priority, uint type)
    {
        var (session, peer) = await ConnectAsync();

        session.OpenStream(new MuxadoStreamOptions { Priority = priority, StreamType = type });

        var syn = await peer.ReceiveAsync("SYN");
        Assert.That(syn!.Type, Is.EqualTo(WireType.Syn));
        var hasPriority = (syn.Flags & Frames.PriorityFlag) != 0;
        var hasType = (syn.Flags & Frames.TypeFlag) != 0;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(syn.Length, Is.EqualTo((hasPriority ? 4 : 0) + (hasType ? 4 : 0)));
            Assert.That(hasPriority ? syn.PayloadWord(0) : 0, Is.EqualTo(priority));
            Assert.That(hasType ? syn.PayloadWord(hasPriority ? 1 : 0) : 0, Is.EqualTo(type));
        }
    }

    [Test]
    public async Task Priority_and_type_are_received_together_and_alone()
    {
        var (session, peer) = await ConnectAsync();

        await peer.SendAsync(
            Frames.Syn(Theirs(0)),
            Frames.SynWithPriority(Theirs(1), 5),
            Frames.SynWithType(Theirs(2), 7),
            Frames.Syn(Theirs(3), priority: 5, type: 7),
            Frames.Syn(Theirs(4), priority: uint.MaxValue, type: Frames.HeartbeatType - 1));

        (uint, uint)[] expected = [(0, 0), (5, 0), (0, 7), (5, 7), (uint.MaxValue, Frames.HeartbeatType - 1)];
        foreach (var pair in expected)
        {
            var stream = await AcceptAsync(session);
            Assert.That((stream.Priority, stream.StreamType), Is.EqualTo(pair));
        }
    }

    [Test]
    public async Task A_reserved_stream_type_cannot_be_opened([Values(Frames.HeartbeatType, uint.MaxValue)] uint type)
    {
        var (session, peer) = await ConnectAsync();

        Assert.That(
            () => session.OpenStream(new MuxadoStreamOptions { StreamType = type }),
            Throws.InstanceOf<ArgumentException>().With.Message.Contains("type").IgnoreCase);

        await peer.ExpectQuietAsync();
    }

    [Test]
    public async Task A_stream_that_came_with_fin_can_be_read_and_not_written()
    {
        var (session, peer) = await ConnectAsync();
        var id = Theirs(0);

        await peer.SendAsync(Frames.SynWithFin(id), Frames.Data(id, "still "), Frames.DataFin(id, "here"));

        var stream = await AcceptAsync(session);
        Assert.That(stream.CanWrite, Is.False);
        Assert.That(async () => await stream.WriteAsync(Bytes("no")).Soon(), Throws.Exception);
        Assert.That(await ReadToEndAsync(stream), Is.EqualTo(Bytes("still here")));
        await stream.DisposeAsync().Soon();
        await peer.ExpectQuietAsync();
    }

    [Test]
    public async Task A_stream_that_the_peer_refuses_fails_safe_to_retry()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        var read = stream.ReadAsync(new byte[1]);

        await peer.SendAsync(Frames.Rst(id, 6));

        var failure = await read.FailsSoon();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(failure.Error, Is.EqualTo(MuxadoError.StreamRefused));
            Assert.That(failure.ErrorCode, Is.EqualTo(MuxadoErrorCode.RefusedStream));
            Assert.That(failure.IsRetrySafe);
            Assert.That(failure.Message, Does.Contain($"tream {id}"));
        }
        await peer.ExpectQuietAsync();
    }

    [Test]
    public async Task Streams_past_the_accept_backlog_are_refused_and_the_others_live()
    {
        var (session, peer) = await ConnectAsync(options => options.AcceptBacklog = 2);
        await peer.SendAsync(Frames.Syn(Theirs(0)), Frames.Syn(Theirs(1)), Frames.Syn(Theirs(2)), Frames.Data(Theirs(2), "early"));

        await peer.ExpectAsync(Frames.Rst(Theirs(2), 6));
        await peer.ExpectQuietAsync();
        await peer.SendAsync(Frames.Data(Theirs(1), "two"), Frames.Data(Theirs(0), "one"));

        Assert.That(await ReadTextAsync(await AcceptAsync(session), 3), Is.EqualTo("one"));
        Assert.That(await ReadTextAsync(await AcceptAsync(session), 3), Is.EqualTo("two"));
    }

    [Test]
    public async Task Streams_past_the_inbound_limit_are_refused_until_one_is_closed_on_both_sides()
    {
        var (session, peer) = await ConnectAsync(options => options.MaxInboundStreams = 1);
        var (first, id) = await AcceptFirstAsync(session, peer);

        await peer.SendAsync(Frames.Fin(id), Frames.Syn(Theirs(1)));
        await peer.ExpectAsync(Frames.Rst(Theirs(1), 6));
        await first.DisposeAsync().Soon();
        await peer.ExpectAsync(Frames.Fin(id));
        await peer.SendAsync(Frames.Syn(Theirs(2)));

        Assert.That((await AcceptAsync(session)).Id, Is.EqualTo(Theirs(2)));
    }
}
