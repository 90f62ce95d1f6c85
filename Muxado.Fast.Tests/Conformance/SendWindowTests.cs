using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>The credit that the peer gives us.</summary>
public sealed class SendWindowTests(Role role) : ConformanceFixture(role)
{
    [Test]
    public async Task Exactly_65536_bytes_leave_without_credit([Values] bool weOpened)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = weOpened ? await OpenAsync(session, peer) : await AcceptFirstAsync(session, peer);
        var content = Pattern.Bytes(InitialWindow + 10);

        var write = stream.WriteAsync(content).AsTask();

        Assert.That(await peer.ExpectDataAsync(id, InitialWindow), Is.EqualTo(content[..InitialWindow]));
        await peer.ExpectQuietAsync();
        Assert.That(write.IsCompleted, Is.False);
        await peer.SendAsync(Frames.WndInc(id, 10));
        Assert.That(await peer.ExpectDataAsync(id, 10), Is.EqualTo(content[InitialWindow..]));
        await write.Soon();
    }

    [Test]
    public async Task Small_writes_stop_at_the_window_too()
    {
        const int Size = 1_000;
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        var content = Pattern.Bytes(InitialWindow + Size);

        for (var at = 0; at + Size <= InitialWindow; at += Size)
            await stream.WriteAsync(content.AsMemory(at, Size)).Soon();
        const int Fitted = InitialWindow / Size * Size;
        var write = stream.WriteAsync(content.AsMemory(Fitted, Size)).AsTask();

        Assert.That(await peer.ExpectDataAsync(id, InitialWindow), Is.EqualTo(content[..InitialWindow]));
        await peer.ExpectQuietAsync();
        Assert.That(write.IsCompleted, Is.False);
    }

    [Test]
    public async Task One_byte_of_credit_releases_one_byte_at_once()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        var write = stream.WriteAsync(Pattern.Bytes(InitialWindow + 3)).AsTask();
        await peer.ExpectDataAsync(id, InitialWindow);

        foreach (var one in Pattern.Bytes(InitialWindow + 3)[InitialWindow..])
        {
            await peer.SendAsync(Frames.WndInc(id, 1));
            await peer.ExpectAsync(Frames.Data(id, [one]));
        }

        await write.Soon();
    }

    [Test]
    public async Task The_window_is_each_streams_own()
    {
        var (session, peer) = await ConnectAsync();
        var (full, fullId) = await OpenAsync(session, peer);
        var (free, freeId) = await OpenAsync(session, peer);
        var write = full.WriteAsync(Pattern.Bytes(InitialWindow + 1)).AsTask();
        await peer.ExpectDataAsync(fullId, InitialWindow);

        await free.WriteAsync(Bytes("unhindered")).Soon();

        await peer.ExpectAsync(Frames.Data(freeId, "unhindered"));
        Assert.That(write.IsCompleted, Is.False);
    }

    [Test]
    public async Task Credit_of_a_mebibyte_may_be_used_at_once([Values] bool beforeFirstByte)
    {
        const int Credit = 1024 * 1024;
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        var content = Pattern.Bytes(InitialWindow + Credit + 1);
        var received = new List<byte>();
        if (beforeFirstByte)
        {
            await peer.SendAsync(Frames.WndInc(id, Credit));
            await peer.ExpectQuietAsync();
        }

        var write = stream.WriteAsync(content).AsTask();
        if (!beforeFirstByte)
        {
            received.AddRange(await peer.ExpectDataAsync(id, InitialWindow));
            await peer.SendAsync(Frames.WndInc(id, Credit));
        }

        received.AddRange(await peer.ExpectDataAsync(id, InitialWindow + Credit - received.Count));
        await peer.ExpectQuietAsync();
        Assert.That(received.SequenceEqual(content[..^1]), "the bytes came whole and in order");
        Assert.That(write.IsCompleted, Is.False);
    }

    [TestCase(1)]
    [TestCase(4)]
    public async Task Writers_whom_a_slow_peer_held_up_go_on_when_it_reads_again(int writers)
    {
        const int Size = 8 * 1024 * 1024;
        var (session, peer) = await ConnectAsync();
        var streams = new List<MuxadoStream>();
        while (streams.Count < writers)
        {
            var (stream, id) = await OpenAsync(session, peer);
            await peer.SendAsync(Frames.WndInc(id, 2 * Size));
            streams.Add(stream);
        }
        await peer.ExpectQuietAsync();

        // More than the kernel takes: the rest waits until the peer reads.
        var content = Pattern.Bytes(Size);
        var writing = Task.WhenAll(streams.Select(stream => stream.WriteAsync(content, completeWrites: true).AsTask()));
        Assert.That(writing.IsCompleted, Is.False);

        var received = streams.ToDictionary(stream => stream.Id, _ => new MemoryStream());
        for (var open = writers; open > 0;)
        {
            if (await peer.ReceiveAsync("the content") is not { Type: WireType.Data } frame)
                continue;
            received[frame.StreamId].Write(frame.Payload);
            open -= frame.HasFin ? 1 : 0;
        }
        await writing.Soon();
        foreach (var bytes in received.Values)
            Assert.That(bytes.ToArray().AsSpan().SequenceEqual(content), "the bytes came whole and in order");
    }

    [Test]
    public async Task Credit_of_0_is_ignored()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        var write = stream.WriteAsync(Pattern.Bytes(InitialWindow + 1)).AsTask();
        await peer.ExpectDataAsync(id, InitialWindow);

        await peer.SendAsync(Frames.WndInc(id, 0), Frames.WndInc(id, 0));

        await peer.ExpectQuietAsync();
        Assert.That(write.IsCompleted, Is.False);
    }

    [Test]
    public async Task Credit_of_0_without_end_ends_the_session()
    {
        var (session, peer) = await ConnectAsync();
        var (_, id) = await OpenAsync(session, peer);

        await peer.SendAsync([.. Enumerable.Repeat(Frames.WndInc(id, 0), 5_000)]);

        var (info, _) = await ExpectSessionErrorAsync(session, peer, MuxadoErrorCode.ProtocolError);
        Assert.That(info.Exception!.Message, Does.Contain("too many"));
    }

    [Test]
    public async Task The_top_bit_of_credit_is_ignored()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        var write = stream.WriteAsync(Pattern.Bytes(InitialWindow + 2)).AsTask();
        await peer.ExpectDataAsync(id, InitialWindow);

        await peer.SendAsync(Frames.WndInc(id, 0x8000_0001));

        await peer.ExpectDataAsync(id, 1);
        await peer.ExpectQuietAsync();
        Assert.That(write.IsCompleted, Is.False);
    }

    [Test]
    public async Task The_window_may_grow_to_2_to_the_31_minus_1()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);

        await peer.SendAsync(Frames.WndInc(id, int.MaxValue - InitialWindow));

        await peer.ExpectQuietAsync();
        await stream.WriteAsync(Bytes("fine")).Soon();
        await peer.ExpectAsync(Frames.Data(id, "fine"));
    }

    [Test]
    public async Task A_window_past_2_to_the_31_minus_1_resets_the_stream_with_3()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);

        await peer.SendAsync(Frames.WndInc(id, int.MaxValue - InitialWindow), Frames.WndInc(id, 1));

        await peer.ExpectAsync(Frames.Rst(id, 3));
        await peer.ExpectQuietAsync();
        var failure = await stream.WriteAsync(Bytes("no more")).FailsSoon();
        Assert.That(failure.ErrorCode, Is.EqualTo(MuxadoErrorCode.FlowControlError));
        Assert.That(failure.Message, Does.Contain($"tream {id}"));
    }
}
