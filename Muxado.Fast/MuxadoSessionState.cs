namespace Muxado.Fast;

/// <summary>How far a session has come.</summary>
public enum MuxadoSessionState
{
    /// <summary>It carries streams; it may be going away.</summary>
    Open,

    /// <summary>Its end has begun: streams have failed, and the goodbye is on its way.</summary>
    Closing,

    /// <summary>It is over, and <see cref="MuxadoSession.Completion"/> says why.</summary>
    Closed,
}
