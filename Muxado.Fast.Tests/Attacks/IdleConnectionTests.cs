using System.Net.Sockets;
using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>Connections that say nothing. (How much ten thousand take of a server's memory is in <see cref="ServerProcessTests"/>.)</summary>
public sealed class IdleConnectionTests(Role role) : AttackFixture(role)
{
    [Test]
    public async Task An_idle_session_takes_at_most_16_KiB([Values] bool withHeartbeat)
    {
        const int Sessions = 500;
        var links = new List<(Socket ForSession, RawPeer Peer)>();
        while (links.Count < Sessions)
            links.Add(await RawPeer.ConnectAsync(SessionIsClient));
        var sessions = new List<MuxadoSession>(Sessions);
        var options = new MuxadoSessionOptions { HeartbeatInterval = withHeartbeat ? TimeSpan.FromSeconds(1) : Timeout.InfiniteTimeSpan };
        var before = LiveBytes();

        foreach (var (socket, _) in links)
            sessions.Add(SessionIsClient ? MuxadoSession.CreateClient(socket, options) : MuxadoSession.CreateServer(socket, options));
        if (withHeartbeat)
        {
            foreach (var session in sessions)
                await Timing.Until(() => session.GetSnapshot().BytesSent >= 16 + 12, "each has sent a heartbeat");
        }

        var bytesPerSession = (LiveBytes() - before) / Sessions;
        TestContext.Out.WriteLine($"{bytesPerSession} B per session");
        Assert.That(bytesPerSession, Is.LessThanOrEqualTo(16 * 1024));
        foreach (var session in sessions)
            session.Abort();
        foreach (var session in sessions)
            await session.Completion.Soon();
        links.ForEach(link => link.Peer.Dispose());
    }
}
