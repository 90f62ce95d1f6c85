namespace Muxado.Fast;

/// <summary>Why an operation failed or a session ended, as seen from this side.</summary>
public enum MuxadoError
{
    /// <summary>No error: an orderly end.</summary>
    None = 0,

    /// <summary>The session was closed, by either side, while the operation needed it.</summary>
    SessionClosed,

    /// <summary>The session was aborted on this side.</summary>
    SessionAborted,

    /// <summary>The transport failed, or ended without the peer saying goodbye.</summary>
    TransportFailed,

    /// <summary>The peer stopped answering: neither a heartbeat echo nor any other byte came in time.</summary>
    HeartbeatTimeout,

    /// <summary>The peer broke the protocol.</summary>
    ProtocolViolation,

    /// <summary>The stream was reset, by either side; or it was written to, and the peer opened it one-way.</summary>
    StreamAborted,

    /// <summary>The peer refused the stream before its application saw it; safe to retry.</summary>
    StreamRefused,

    /// <summary>This side has used up its stream ids; open a new session.</summary>
    StreamsExhausted,

    /// <summary>The session is going away and takes no new streams; safe to retry on another session.</summary>
    GoingAway,

    /// <summary>A read or write deadline, or a timeout, passed.</summary>
    DeadlineExceeded,

    /// <summary>
    /// Reserved: nothing of this version raises it. A peer that breaks a limit shows as <see cref="ProtocolViolation"/>, one that takes no bytes
    /// (<see cref="MuxadoSessionOptions.WriteStallTimeout"/>) as <see cref="TransportFailed"/>.
    /// </summary>
    LimitExceeded,
}
