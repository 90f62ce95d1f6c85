namespace Muxado.Fast.Framing;

/// <summary>The numbers of the wire, muxado generation 1.</summary>
/// <remarks>
/// Every frame starts with eight bytes, big-endian:
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---+---------------------------+---------------+-----+---------+
/// | R |        Length (14)        |   Flags (8)   |  R  | Type (5)|
/// +---+---------------------------+---------------+-----+---------+
/// |R|                      Stream id (31)                         |
/// +-+-------------------------------------------------------------+
/// |                     Payload (Length bytes) ...
/// </code>
/// Length counts the payload only. Reserved bits (R) are sent as zero and ignored on receipt, with one exception:
/// <see cref="HonestGoAwayMark"/>.
/// </remarks>
internal static class Wire
{
    public const int HeaderBytes = 8;
    public const int MaxPayloadBytes = 16383;
    public const int MaxFrameBytes = HeaderBytes + MaxPayloadBytes;

    public const int MaxSynBytes = HeaderBytes + 8;
    public const int RstBytes = HeaderBytes + 4;
    public const int WindowIncrementBytes = HeaderBytes + 4;

    /// <summary>A GOAWAY without its debug bytes.</summary>
    public const int GoAwayFixedBytes = HeaderBytes + GoAwayBodyBytes;
    public const int GoAwayBodyBytes = 8;

    /// <summary>As much debug as we send; a peer may send up to a frame's worth.</summary>
    public const int MaxGoAwayDebugBytes = 1024;

    /// <summary>
    /// The Go implementation announces 16 + n bytes in a GOAWAY and then sends eight. We set this reserved bit in the type byte,
    /// which Go masks off, to say that our length is true and that the debug bytes do follow.
    /// </summary>
    public const byte HonestGoAwayMark = 0x20;

    /// <summary>Each direction of each stream starts with this much credit.</summary>
    public const int InitialWindowBytes = 65536;
    public const int MaxWindowBytes = int.MaxValue;

    public const uint MaxStreamId = 0x7FFFFFFF;
    public const uint FirstClientStreamId = 3;
    public const uint FirstServerStreamId = 2;

    public const uint MaxErrorCode = (uint)MuxadoErrorCode.Cancel;

    /// <summary>From here up, stream types belong to protocol extensions; this very one is the heartbeat's.</summary>
    public const uint FirstExtensionStreamType = 0xFFFFFEFF;
}
