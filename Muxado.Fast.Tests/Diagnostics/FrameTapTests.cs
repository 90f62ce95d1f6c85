using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Diagnostics;

/// <summary>A tap sees what is on the wire: all of it, once, in order.</summary>
public sealed class FrameTapTests : DiagnosticsFixture
{
    [Test, CancelAfter(30_000)]
    public async Task A_tap_sees_exactly_what_the_peer_sees_and_sends()
    {
        var tap = new RecordingTap();
        var (session, peer) = await ConnectAsync(configure: options => options.FrameTap = tap);
        var stream = await OpenAsync(session, peer);
        await stream.WriteAsync(Pattern.Bytes(60_000)).Soon();
        await peer.ExpectDataAsync(stream.Id, 60_000);
        WireFrame[] ordinary = [Frames.Syn(2, 5, 6), .. Frames.Bulk(stream.Id, Pattern.Bytes(40_000)), Frames.WndInc(stream.Id, 9), Frames.Rst(2, 7)];
        await peer.SendAsync(ordinary);
        await stream.ReadExactlyAsync(new byte[40_000]).AsTask().Soon();
        WireFrame[] inPieces = [Frames.Data(stream.Id, "in pieces"), Frames.GoGoAway(stream.Id, 0, debugBytes: 3)];
        await peer.SendHeadersApartAsync(inPieces);
        WireFrame[] oneByOne = [Frames.SynWithFin(4), Frames.DataFin(stream.Id, "one by one")];
        await peer.SendByteByByteAsync(oneByOne);
        await stream.ReadExactlyAsync(new byte["in pieces".Length + "one by one".Length]).AsTask().Soon();
        session.Abort();
        await session.Completion.Soon();
        await peer.DrainAsync();

        Assert.That(tap.Received, Is.EqualTo(ordinary.Concat(inPieces).Concat(oneByOne).SelectMany(frame => frame.Bytes.ToArray())).AsCollection);
        var seen = peer.Received.SelectMany(frame => frame.Bytes.ToArray()).ToArray();
        Assert.That(tap.Sent.AsSpan(0, seen.Length).SequenceEqual(seen), "and what the peer did not read any more after that");
    }

    [Test, CancelAfter(30_000)]
    public async Task Both_ends_see_the_same([Values] TransportKind kind)
    {
        var (atClient, atServer) = (new RecordingTap(), new RecordingTap());
        await using (var pair = await SessionPair.ConnectAsync(kind, new MuxadoSessionOptions { FrameTap = atClient }, new MuxadoSessionOptions { FrameTap = atServer }))
        {
            var (opened, accepted) = await pair.OpenAsync();
            var writing = opened.WriteAsync(Pattern.Bytes(300_000), completeWrites: true).AsTask();
            await accepted.ReadExactlyAsync(new byte[300_000]).AsTask().Soon();
            await writing.Soon();
            await accepted.WriteAsync(Pattern.Bytes(3_000), completeWrites: true).Soon();
            await opened.ReadExactlyAsync(new byte[3_000]).AsTask().Soon();
            await pair.Client.ShutdownAsync().Soon();
            await pair.Server.Completion.Soon();
        }

        Assert.That(atServer.Received, Has.Length.GreaterThan(300_000), "in the clear, also over TLS");
        AssertBegins(atClient.Sent, atServer.Received);
        Assert.That(atClient.Received, Has.Length.GreaterThan(3_000));
        AssertBegins(atServer.Sent, atClient.Received);

        // Whoever has closed does not receive what the other still says.
        static void AssertBegins(byte[] sent, byte[] received) =>
            Assert.That(sent.AsSpan(0, received.Length).SequenceEqual(received), $"{sent.Length} bytes sent, {received.Length} received");
    }

    [Test, CancelAfter(30_000)]
    public async Task Bytes_that_the_transport_takes_bit_by_bit_are_seen_once([Values(0, 1, 7, 5000)] int bytesAtOnce)
    {
        var tap = new RecordingTap();
        var transport = new StubbornTransport { BytesAtOnce = bytesAtOnce };
        var session = MuxadoSession.CreateOver(transport, isClient: true, new MuxadoSessionOptions
        {
            HeartbeatInterval = Timeout.InfiniteTimeSpan,
            TimeProvider = Clock,
            FrameTap = tap,
        });
        var streams = Enumerable.Range(0, 4).Select(_ => Own(session.OpenStream())).ToList();
        var writes = streams.Select(stream => stream.WriteAsync(Pattern.Bytes(30_000 + (int)stream.Id)).AsTask()).ToList();
        transport.TakeAll();
        await Task.WhenAll(writes).Soon();
        streams[0].Abort();

        Assert.That(transport.Taken, Has.Length.GreaterThan(4 * 30_000));
        Assert.That(tap.Sent, Is.EqualTo(transport.Taken).AsCollection);
        session.Abort();
        await session.Completion.Soon();
    }

    [Test, CancelAfter(30_000)]
    public async Task A_tap_that_throws_is_given_up_and_the_session_goes_on()
    {
        var tap = new ThrowingTap();
        using var events = new RecordedEvents(keywords: 1);
        var (session, peer) = await ConnectAsync(configure: options => options.FrameTap = tap);
        var stream = await OpenAsync(session, peer);
        await stream.WriteAsync("one"u8.ToArray()).Soon();
        await peer.ExpectDataAsync(stream.Id, 3);
        await peer.SendAsync(Frames.Data(stream.Id, "two"), Frames.Data(stream.Id, "three"));
        await stream.ReadExactlyAsync(new byte[8]).AsTask().Soon();

        Assert.That(tap.Calls, Is.EqualTo(2), "one in each direction");
        Assert.That(events.Lines.Count(line => line.StartsWith("FrameTapFailed", StringComparison.Ordinal) && line.Contains("a tap's own mistake", StringComparison.Ordinal)), Is.EqualTo(2));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_frame_against_the_rules_is_the_last_that_is_seen_of_its_direction()
    {
        var tap = new RecordingTap();
        var (session, peer) = await ConnectAsync(configure: options => options.FrameTap = tap);
        var illegal = Frames.Raw(type: 9, flags: 0, id: 3, length: 4);
        await peer.SendAsync(illegal, Frames.Syn(2));
        await peer.ExpectGoAwayAsync(1);
        peer.EndSending();
        await session.Completion.Soon();

        Assert.That(tap.Received, Is.EqualTo(illegal.Bytes[..8].ToArray()).AsCollection);
    }

    private sealed class ThrowingTap : MuxadoFrameTap
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public override void OnFrame(in MuxadoFrame frame)
        {
            Interlocked.Increment(ref _calls);
            throw new InvalidOperationException("a tap's own mistake");
        }
    }
}
