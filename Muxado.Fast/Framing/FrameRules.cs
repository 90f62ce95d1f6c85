namespace Muxado.Fast.Framing;

/// <summary>What a header must satisfy on its own, whatever the state of the session.</summary>
internal static class FrameRules
{
    /// <summary>
    /// How many body bytes follow this header on the wire: what it says, except in a GOAWAY of Go, whose length above the fixed
    /// eight bytes is a promise that it does not keep.
    /// </summary>
    public static int BodyBytes(FrameHeader header, bool strictGoAway)
    {
        bool lies = header.Type == FrameType.GoAway && !header.HonestGoAway && !strictGoAway
            && header.PayloadBytes >= Wire.GoAwayFixedBytes;
        return lies ? Wire.GoAwayBodyBytes : header.PayloadBytes;
    }

    /// <summary>Whether the header is illegal, and if so how.</summary>
    public static bool IsViolated(FrameHeader header, out MuxadoErrorCode code, out string message)
    {
        code = MuxadoErrorCode.ProtocolError;
        message = "";
        uint id = header.StreamId;
        switch (header.Type)
        {
            case FrameType.Syn or FrameType.Rst or FrameType.Data or FrameType.WindowIncrement when id == 0:
                message = $"frame {NameOf(header.Type)} on stream 0: only GOAWAY belongs there";
                return true;
            case FrameType.GoAway when id != 0:
                message = $"frame GOAWAY on stream {id}: it belongs on stream 0";
                return true;
            case FrameType.Syn or FrameType.Rst or FrameType.Data or FrameType.WindowIncrement or FrameType.GoAway:
                break;
            case FrameType.Priority:
                message = $"frame PRIORITY on stream {id}: the type is reserved and has no meaning in muxado generation 1";
                return true;
            default:
                message = $"frame of unknown type {(int)header.Type} on stream {id} (header {header}): the peer does not speak muxado generation 1";
                return true;
        }

        code = MuxadoErrorCode.FrameSizeError;
        message = DescribeWrongLength(header);
        return message.Length != 0;
    }

    private static string DescribeWrongLength(FrameHeader header)
    {
        int length = header.PayloadBytes;
        return header.Type switch
        {
            FrameType.Syn when length != SynBodyBytes(header.Flags) =>
                $"frame SYN on stream {header.StreamId}: length {length} does not match its flags (expected {SynBodyBytes(header.Flags)})",
            FrameType.Rst or FrameType.WindowIncrement when length != 4 =>
                $"frame {NameOf(header.Type)} on stream {header.StreamId}: length {length} is wrong (expected 4)",
            FrameType.GoAway when length < Wire.GoAwayBodyBytes =>
                $"frame GOAWAY on stream 0: length {length} is too short (expected at least {Wire.GoAwayBodyBytes})",
            _ => "",
        };
    }

    private static int SynBodyBytes(FrameFlags flags) =>
        ((flags & FrameFlags.Priority) != 0 ? 4 : 0) + ((flags & FrameFlags.StreamType) != 0 ? 4 : 0);

    private static string NameOf(FrameType type) => type switch
    {
        FrameType.Syn => "SYN",
        FrameType.Rst => "RST",
        FrameType.Data => "DATA",
        _ => "WND_INC", // GOAWAY is named where it is looked at.
    };
}
