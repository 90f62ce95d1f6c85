namespace Muxado.Fast.Bench.Soak;

/// <summary>What a soak does to its streams and sessions. Whatever fails must fail because of one of these.</summary>
internal enum Disturbance
{
    /// <summary>A read, a write or a flush is cancelled; the stream goes on.</summary>
    CancelOperation,

    /// <summary>A read or a write meets its deadline; the stream goes on.</summary>
    PassDeadline,

    /// <summary>A stream is reset in the middle.</summary>
    AbortStream,

    /// <summary>A stream is disposed in the middle.</summary>
    DisposeStream,

    /// <summary>A waiting open of a pool is cancelled.</summary>
    CancelOpen,

    /// <summary>A dial is cancelled, maybe within its TLS handshake.</summary>
    CancelDial,

    GoAway,
    ShutDownSession,
    CloseSession,
    AbortSession,

    /// <summary>A session is aborted so that its peer sees a TCP reset.</summary>
    ResetConnection,

    /// <summary>A pool is shut down or disposed while streams are opened on it.</summary>
    ClosePool,
}
