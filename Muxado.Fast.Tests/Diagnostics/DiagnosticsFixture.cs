using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Diagnostics;

/// <summary>One session over a socket, a raw peer at the other end, and a clock that stands still.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class DiagnosticsFixture
{
    private readonly List<IDisposable> _owned = [];
    private readonly List<MuxadoSession> _sessions = [];

    protected ManualTimeProvider Clock { get; } = new();

    [TearDown]
    public async Task End()
    {
        foreach (var session in _sessions)
        {
            session.Abort();
            await session.Completion.Soon();
        }

        _owned.ForEach(owned => owned.Dispose());
    }

    protected async Task<(MuxadoSession Session, RawPeer Peer)> ConnectAsync(bool isClient = true, Action<MuxadoSessionOptions>? configure = null)
    {
        var options = new MuxadoSessionOptions { HeartbeatInterval = Timeout.InfiniteTimeSpan, TimeProvider = Clock };
        configure?.Invoke(options);
        var (socket, peer) = await RawPeer.ConnectAsync(isClient);
        _owned.Add(peer);
        var session = isClient ? MuxadoSession.CreateClient(socket, options) : MuxadoSession.CreateServer(socket, options);
        _sessions.Add(session);
        return (session, peer);
    }

    /// <summary>Disposed after the session has ended.</summary>
    protected T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    /// <summary>Opens a stream of the session, and has the peer see its SYN.</summary>
    protected async Task<MuxadoStream> OpenAsync(MuxadoSession session, RawPeer peer)
    {
        var stream = Own(session.OpenStream());
        Clock.Advance(TimeSpan.FromMilliseconds(20)); // The Linger alarm sends a SYN that nothing follows.
        await peer.ExpectAsync(Frames.Syn(stream.Id));
        return stream;
    }
}
