using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

public sealed class OpenAcceptTests(TransportKind kind) : OverEachTransport(kind)
{
    /// <summary>A stream without data: its SYN leaves at once.</summary>
    private static readonly MuxadoStreamOptions s_empty = new() { CompleteWrites = true };

    [Test]
    public async Task Both_sides_open_and_accept_at_the_same_time()
    {
        var fromClient = Pair.Client.OpenStream();
        var fromServer = Pair.Server.OpenStream();
        await fromClient.WriteAsync(Pattern.Bytes(10), completeWrites: true).Soon();
        await fromServer.WriteAsync(Pattern.Bytes(20), completeWrites: true).Soon();

        var atServer = await Pair.Server.AcceptStreamAsync().Soon();
        var atClient = await Pair.Client.AcceptStreamAsync().Soon();

        Assert.That((atServer.Id, atClient.Id), Is.EqualTo((fromClient.Id, fromServer.Id)));
        Assert.That((fromClient.Id % 2, fromServer.Id % 2), Is.EqualTo((1u, 0u)));
        Assert.That(await Pattern.VerifyToEndAsync(atServer), Is.EqualTo(10));
        Assert.That(await Pattern.VerifyToEndAsync(atClient), Is.EqualTo(20));
    }

    [TestCase(0u, 0u)]
    [TestCase(1u, 0u)]
    [TestCase(0u, 7u)]
    [TestCase(uint.MaxValue, 0xFFFFFEFEu)]
    public async Task Type_and_priority_arrive(uint priority, uint streamType)
    {
        var (opened, accepted) = await OpenAsync(new MuxadoStreamOptions { Priority = priority, StreamType = streamType });

        Assert.That((opened.Priority, opened.StreamType), Is.EqualTo((priority, streamType)));
        Assert.That((accepted.Priority, accepted.StreamType), Is.EqualTo((priority, streamType)));
    }

    [Test]
    public async Task A_protocol_in_which_the_acceptor_speaks_first_works()
    {
        var opened = Pair.Client.OpenStream();
        var reading = opened.ReadAsync(new byte[10]).AsTask();

        var accepted = await Pair.Server.AcceptStreamAsync().Soon();
        await accepted.WriteAsync(new byte[10]).Soon();

        Assert.That(await reading.Soon(), Is.EqualTo(10));
    }

    [Test]
    public async Task A_stream_is_open_for_reading_synchronously_too_when_the_acceptor_speaks_first()
    {
        var opened = Pair.Client.OpenStream();
        var reading = Task.Run(() => opened.Read(new byte[10]));

        var accepted = await Pair.Server.AcceptStreamAsync().Soon();
        await accepted.WriteAsync(new byte[10]).Soon();

        Assert.That(await reading.Soon(), Is.EqualTo(10));
    }

    [Test]
    public async Task Streams_are_accepted_in_the_order_in_which_they_were_opened()
    {
        var opened = new List<uint>();
        for (var i = 0; i < 100; i++)
        {
            opened.Add(Pair.Client.OpenStream(s_empty).Id);
        }

        var accepted = new List<uint>();
        for (var i = 0; i < 100; i++)
            accepted.Add((await Pair.Server.AcceptStreamAsync().Soon()).Id);

        Assert.That(accepted, Is.EqualTo(opened));
        Assert.That(opened, Is.Ordered.And.Unique);
    }

    [Test]
    public async Task Streams_opened_from_many_threads_all_arrive()
    {
        var opening = Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 50; i++)
                Pair.Client.OpenStream(s_empty);
        })).ToArray();

        var ids = new HashSet<uint>();
        for (var i = 0; i < 400; i++)
            ids.Add((await Pair.Server.AcceptStreamAsync().Soon()).Id);

        await Task.WhenAll(opening).Soon();
        Assert.That(ids, Has.Count.EqualTo(400));
    }

    [Test]
    public async Task Opening_asynchronously_is_the_same()
    {
        await using var opened = await Pair.Client.OpenStreamAsync(new MuxadoStreamOptions { StreamType = 5 }).Soon();
        opened.CompleteWrites();

        Assert.That((await Pair.Server.AcceptStreamAsync().Soon()).StreamType, Is.EqualTo(5));
    }

    [Test]
    public async Task Opening_with_a_cancelled_token_opens_nothing()
    {
        await Fails.With<OperationCanceledException>(() => Pair.Client.OpenStreamAsync(default, new CancellationToken(true)).AsTask());

        Assert.That(Pair.Client.ActiveStreams, Is.Zero);
    }

    [TestCase(0xFFFFFEFFu)]
    [TestCase(0xFFFFFF00u)]
    [TestCase(uint.MaxValue)]
    public void A_type_that_is_reserved_for_extensions_is_rejected(uint streamType)
    {
        var failure = Assert.Throws(Is.InstanceOf<ArgumentException>(), () => Pair.Client.OpenStream(new MuxadoStreamOptions { StreamType = streamType }));

        Assert.That(failure!.Message, Does.Contain("StreamType"));
    }

    [Test]
    public void A_session_tells_its_role()
    {
        Assert.That((Pair.Client.IsClient, Pair.Server.IsClient), Is.EqualTo((true, false)));
    }

    [Test]
    public async Task A_session_over_tcp_tells_its_end_points()
    {
        await using var tcp = await SessionPair.ConnectAsync(TransportKind.Tcp);

        Assert.That(tcp.Client.LocalEndPoint, Is.Not.Null.And.EqualTo(tcp.Server.RemoteEndPoint));
        Assert.That(tcp.Client.RemoteEndPoint, Is.Not.Null.And.EqualTo(tcp.Server.LocalEndPoint));
    }
}
