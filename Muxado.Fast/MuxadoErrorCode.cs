namespace Muxado.Fast;

/// <summary>The error codes that travel on the wire, in RST and GOAWAY frames.</summary>
public enum MuxadoErrorCode : uint
{
    /// <summary>Nothing went wrong: an orderly end.</summary>
    NoError = 0,

    /// <summary>The peer sent a frame that the protocol forbids.</summary>
    ProtocolError = 1,

    /// <summary>An implementation failed on its own account.</summary>
    InternalError = 2,

    /// <summary>More bytes arrived than the window allowed, or the window grew past 2^31-1.</summary>
    FlowControlError = 3,

    /// <summary>A frame arrived for a stream, or a half of it, that is closed.</summary>
    StreamClosed = 4,

    /// <summary>A frame's length does not fit its type.</summary>
    FrameSizeError = 5,

    /// <summary>The stream was refused before any application saw it: opening it again elsewhere is safe.</summary>
    RefusedStream = 6,

    /// <summary>The stream is no longer wanted.</summary>
    Cancel = 7,
}
