namespace Muxado.Fast;

/// <summary>Why and how a session ended.</summary>
public sealed record MuxadoSessionCloseInfo
{
    /// <summary>
    /// <see cref="MuxadoError.None"/> for an orderly end, whichever side asked for it (no GOAWAY that was sent or received
    /// carried an error code); otherwise what ended the session.
    /// </summary>
    public MuxadoError Error { get; init; }

    /// <summary>The code of the last GOAWAY that this side sent, or null if it sent none.</summary>
    public MuxadoErrorCode? LocalCode { get; init; }

    /// <summary>
    /// The code of the last GOAWAY that was received before the end of the session began on this side, or null if none was. One that arrives
    /// while this side is closing is not read.
    /// </summary>
    public MuxadoErrorCode? PeerCode { get; init; }

    /// <summary>The debug bytes of the GOAWAY that <see cref="PeerCode"/> is from: at most 1 KiB of them, empty if none came.</summary>
    public ReadOnlyMemory<byte> PeerDebug { get; init; }

    /// <summary>The exception behind <see cref="Error"/>, or null for an orderly end.</summary>
    public Exception? Exception { get; init; }
}
