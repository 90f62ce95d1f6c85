using System.Net.Sockets;
using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>A peer that wants no heartbeats of ours, so that nothing would be noticed when it is gone.</summary>
public sealed class DeclinedHeartbeatTests(Role role) : ConformanceFixture(role)
{
    [TestCase("reset")]
    [TestCase("finished")]
    public async Task A_host_that_declines_heartbeats_and_vanishes_is_missed_by_the_system(string how)
    {
        var (socket, peer) = await RawPeer.ConnectAsync(SessionIsClient);
        using var end = peer;
        var session = SessionIsClient ? MuxadoSession.CreateClient(socket) : MuxadoSession.CreateServer(socket);
        await peer.ExpectAsync(Frames.Heartbeat(Ours(0)));
        Assert.That(IsKeptAlive(), Is.False, "heartbeats do it");

        await peer.SendAsync(how == "reset" ? Frames.Rst(Ours(0), 4) : Frames.Fin(Ours(0)));

        await Timing.Until(IsKeptAlive, "the system looks for the peer");
        Assert.That(socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime), Is.EqualTo(32), "half of 63 s");
        Assert.That(session.Completion.IsCompleted, Is.False);
        session.Abort();
        await session.Completion.Soon();

        bool IsKeptAlive() => socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive) is not 0;
    }
}
