using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>Heartbeats must be echoed, so a peer sends them without end and takes no echo.</summary>
public sealed class HeartbeatFloodTests(Role role) : AttackFixture(role)
{
    private const int MostBytes = 64 * 1024;
    private const int StepBytes = 8 * 1024;

    [Test]
    public async Task At_most_64_KiB_of_echoes_are_queued_and_64_KiB_of_beats_wait_for_theirs()
    {
        // A clock that stands still: to the session the peer is as fast as can be, so every window that may grow does.
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = new ManualTimeProvider(), outputBytes: 4 * 1024);
        var id = Theirs(0);
        await peer.SendAsync(Frames.Heartbeat(id), Frames.WndInc(id, int.MaxValue - InitialWindow));
        var beats = peer.Flood(InitialWindow / 2048, _ => [Frames.Data(id, new byte[2048])]);
        for (var round = 0; round < 20; round++)
            await EchoAsync(peer, beats);

        Assert.That(HeartbeatOf(session).ReceiveWindowBytes, Is.EqualTo(InitialWindow), "it has had every reason to grow");

        // From here on the peer reads nothing, and sends whatever it is allowed to.
        var one = Frames.Data(id, new byte[StepBytes]).Bytes.ToArray();
        do
        {
            while (HeartbeatOf(session).ReceiveCreditBytes >= StepBytes)
            {
                var before = session.GetSnapshot().BytesReceived;
                await peer.SendBytesAsync(one);
                await Timing.Until(() => session.GetSnapshot().BytesReceived == before + one.Length, "the beats have come");
            }

            await UntilStuckAsync(session);
        }
        while (HeartbeatOf(session).ReceiveCreditBytes >= StepBytes);

        TestContext.Out.WriteLine($"{QueuedBytes(session)} B queued, {HeartbeatOf(session).UnreadBytes} B unread");
        Assert.That(QueuedBytes(session), Is.LessThanOrEqualTo(MostBytes));
        Assert.That(HeartbeatOf(session).UnreadBytes, Is.InRange(1, MostBytes));
        Assert.That(session.Completion.IsCompleted, Is.False);
    }

    /// <summary>Sends a window of beats and takes the echoes.</summary>
    private static Task EchoAsync(RawPeer peer, byte[] beats) => Apart(() =>
    {
        for (var sent = 0; sent < beats.Length; sent += 2056)
        {
            peer.SendNow(beats.AsSpan(sent, 2056));
            peer.SkipData(2048);
        }
    });

    private static MuxadoStreamSnapshot HeartbeatOf(MuxadoSession session) => session.GetSnapshot().Streams.Single(stream => stream.IsExtension);
}
