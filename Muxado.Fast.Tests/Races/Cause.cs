namespace Muxado.Fast.Tests.Races;

/// <summary>What an action brings about, and so why an operation beside it may end.</summary>
[Flags]
internal enum Cause
{
    None = 0,

    /// <summary>The peer has sent data, or credit for all that waits.</summary>
    Data = 1 << 0,
    Credit = 1 << 1,

    /// <summary>The peer has ended its half of the stream.</summary>
    PeerFin = 1 << 2,

    /// <summary>The stream was reset with the code Cancel, by either side.</summary>
    Reset = 1 << 3,

    /// <summary>This side has disposed the stream.</summary>
    Disposed = 1 << 4,

    /// <summary>This side has half-closed the stream.</summary>
    Completed = 1 << 5,

    /// <summary>The peer has opened a stream.</summary>
    PeerSyn = 1 << 6,

    /// <summary>This side takes no more streams.</summary>
    GoneAway = 1 << 7,

    /// <summary>The peer takes no more streams, and has taken none of ours.</summary>
    PeerGoneAway = 1 << 8,

    /// <summary>This side has closed the session.</summary>
    Closed = 1 << 9,

    /// <summary>This side has aborted the session.</summary>
    Aborted = 1 << 10,

    /// <summary>The connection has ended without a goodbye, or was cut.</summary>
    Lost = 1 << 11,

    /// <summary>Another operation of the same kind is under way.</summary>
    Busy = 1 << 12,

    /// <summary>These end the session.</summary>
    SessionEnds = Closed | Aborted | Lost,

    /// <summary>These leave their mark on a session, so that it serves one race only.</summary>
    Session = SessionEnds | GoneAway | PeerGoneAway,

    /// <summary>After these, what a write has handed over need not reach the peer. A session that is closed, or a stream that is disposed, sends it first.</summary>
    MayLoseWrites = Reset | Aborted | Lost | PeerGoneAway,
}
