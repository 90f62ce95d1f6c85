namespace Muxado.Fast;

/// <summary>What a frame is, by the type in its header. A peer may send numbers that have no name.</summary>
public enum MuxadoFrameType : byte
{
    /// <summary>Opens a stream.</summary>
    Syn = 1,

    /// <summary>Ends a stream at once, with a code.</summary>
    Rst = 2,

    /// <summary>Bytes of a stream, the last of them marked by FIN.</summary>
    Data = 3,

    /// <summary>Lets the receiver of the frame send more on a stream.</summary>
    WindowIncrement = 4,

    /// <summary>Says which streams the sender of the frame still takes, and why no others.</summary>
    GoAway = 6,
}
