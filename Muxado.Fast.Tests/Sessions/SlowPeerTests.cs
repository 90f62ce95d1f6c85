using Muxado.Fast.Buffers;
using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using Muxado.Fast.Transport;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

/// <summary>A peer that takes bytes all the time, but slowly, behind a system that holds megabytes for it and calls the connection full.</summary>
[Platform("Linux", Reason = "Only there the system is asked what was acknowledged.")]
public sealed class SlowPeerTests(Role role) : ConformanceFixture(role)
{
    private const int BytesAtATime = 20_000;

    private readonly ManualTimeProvider _clock = new();

    [Test]
    public async Task A_peer_that_takes_bytes_slowly_keeps_its_session_and_loses_it_when_it_takes_none_any_more()
    {
        var (socket, peer) = await RawPeer.ConnectAsync(SessionIsClient);
        using var owned = peer;
        var options = new MuxadoSessionOptions { HeartbeatInterval = Timeout.InfiniteTimeSpan, TimeProvider = _clock };
        await using var session = SessionIsClient ? MuxadoSession.CreateClient(socket, options) : MuxadoSession.CreateServer(socket, options);
        var (_, write) = await FillTheTransportAsync(session, peer);

        _clock.Advance(TimeSpan.FromSeconds(1)); // The first look is the measure for those that follow.

        for (var seconds = 6; seconds <= 31; seconds += 5)
        {
            var before = SocketTransport.AcknowledgedBytesOf(socket);
            while (SocketTransport.AcknowledgedBytesOf(socket) - before < Block.LargeBytes)
                peer.SkipData(BytesAtATime); // The system tells only now and then that there is room again.
            _clock.Advance(TimeSpan.FromSeconds(5));
            Assert.That(session.Completion.IsCompleted, Is.False, $"after {seconds} s");
        }

        // In steps: the system may still find room, and then the time of another send begins.
        await Timing.Until(
            () =>
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                return session.Completion.IsCompleted;
            },
            "it has ended");

        await ExpectCompletionAsync(session, MuxadoError.TransportFailed);
        await write.FailsSoon();
    }
}
