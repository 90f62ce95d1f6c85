using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

/// <summary>A peer that takes bytes all the time, but slowly, behind a system that holds megabytes for it and calls the connection full.</summary>
[Platform("Linux", Reason = "Only there the system is asked what was acknowledged.")]
public sealed class SlowPeerTests(Role role) : ConformanceFixture(role)
{
    private const int BytesPerSecond = 40_000;

    private readonly ManualTimeProvider _clock = new();

    [Test]
    public async Task A_peer_that_takes_bytes_slowly_keeps_its_session_and_loses_it_when_it_takes_none_any_more()
    {
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = _clock);
        var (_, write) = await FillTheTransportAsync(session, peer);

        for (var second = 0; second < 20; second++)
        {
            peer.SkipData(BytesPerSecond);
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.That(session.Completion.IsCompleted, Is.False, $"after {second + 1} s");
        }

        _clock.Advance(TimeSpan.FromSeconds(12));

        await ExpectCompletionAsync(session, MuxadoError.TransportFailed);
        await write.FailsSoon();
    }
}
