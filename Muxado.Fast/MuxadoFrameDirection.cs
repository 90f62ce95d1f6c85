namespace Muxado.Fast;

/// <summary>Which way a frame goes, as this side sees it.</summary>
public enum MuxadoFrameDirection
{
    /// <summary>From this side to the peer.</summary>
    Sent,

    /// <summary>From the peer to this side.</summary>
    Received,
}
