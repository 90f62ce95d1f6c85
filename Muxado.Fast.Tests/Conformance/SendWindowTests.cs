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
        var (stream, id) = await StartAsync(session, peer, weOpened);
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
    public async Task What_does_not_wait_takes_exactly_65536_bytes_too([Values] bool weOpened)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await StartAsync(session, peer, weOpened);
        var content = Pattern.Bytes(InitialWindow + 1);
        var taken = 0;
        while (stream.TryWrite(content.AsSpan(taken), out var count))
        {
            taken += count;
            await peer.ExpectDataAsync(id, count);
        }

        Assert.That(taken, Is.EqualTo(InitialWindow));
        await peer.ExpectQuietAsync();
        await peer.SendAsync(Frames.WndInc(id, 1));
        await peer.ExpectQuietAsync();
        Assert.That(stream.TryWrite(content.AsSpan(taken), out var last), Is.True);
        Assert.That(last, Is.EqualTo(1));
        await peer.ExpectAsync(Frames.Data(id, content[InitialWindow..]));
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
}
