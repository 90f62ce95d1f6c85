using Muxado.Fast.Tests.Support;

namespace Muxado.Fast.Tests.Races;

/// <summary>The other end of a session under test, played by the test.</summary>
internal interface IRacePeer
{
    /// <summary>What the session has sent.</summary>
    SentFrames Sent { get; }

    /// <summary>Sends a frame, from any thread. A connection that is gone swallows it.</summary>
    void Send(WireFrame frame);

    /// <summary>Ends the peer's bytes in order.</summary>
    void End();

    /// <summary>Cuts the connection.</summary>
    void Cut();

    /// <summary>Waits until everything is in <see cref="Sent"/>. The session has ended.</summary>
    Task DrainAsync();
}
