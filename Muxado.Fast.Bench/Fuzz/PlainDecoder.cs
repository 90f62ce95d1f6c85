using System.Buffers.Binary;
using Muxado.Fast.Framing;

namespace Muxado.Fast.Bench.Fuzz;

/// <summary>
/// The rules of framing, spelled out once more in the plainest way, over bytes that are all there: what the real decoder, which gets
/// them in pieces, has to tell.
/// </summary>
internal static class PlainDecoder
{
    private const int HeaderBytes = 8;

    /// <summary>Tells the handler, which must not stop it, everything that the bytes say. Returns how many of them a decoder may take.</summary>
    public static int Tell(ReadOnlySpan<byte> bytes, bool strictGoAway, IFrameHandler handler)
    {
        var at = 0;
        while (bytes.Length - at >= HeaderBytes)
        {
            var header = bytes.Slice(at, HeaderBytes);
            var length = ((header[0] & 0x3F) << 8) | header[1];
            var flags = header[2];
            var type = header[3] & 0x1F;
            var id = Word(header[4..]) & 0x7FFF_FFFF;
            at += HeaderBytes;
            if (Violation(type, flags, id, length) is { } code)
            {
                handler.OnViolation(code, "");
                return at;
            }

            var isHonest = (header[3] & 0x20) != 0 || strictGoAway || length < 16;
            var bodyBytes = type == 6 && !isHonest ? 8 : length;
            TellFrame(type, flags, id, bodyBytes, bytes.Slice(at, Math.Min(bodyBytes, bytes.Length - at)), handler);
            at += bodyBytes;
        }

        return bytes.Length;
    }

    private static MuxadoErrorCode? Violation(int type, int flags, uint id, int length)
    {
        if (type is < 1 or 5 or > 6 || id == 0 != (type == 6))
            return MuxadoErrorCode.ProtocolError;
        var isRightLength = type switch
        {
            1 => length == ((flags & 2) * 2) + (flags & 4),
            2 or 4 => length == 4,
            6 => length >= 8,
            _ => true,
        };
        return isRightLength ? null : MuxadoErrorCode.FrameSizeError;
    }

    private static void TellFrame(int type, int flags, uint id, int bodyBytes, ReadOnlySpan<byte> body, IFrameHandler handler)
    {
        var isWhole = body.Length == bodyBytes;
        switch (type)
        {
            case 1 when isWhole:
                var hasPriority = (flags & 2) != 0;
                handler.OnSyn(id, hasPriority ? Word(body) : 0, (flags & 4) != 0 ? Word(body[^4..]) : 0, (flags & 1) != 0);
                break;
            case 2 when isWhole:
                handler.OnRst(id, Word(body));
                break;
            case 3 when isWhole || body.Length > 0:
                handler.OnData(id, body, bodyBytes, 0, (flags & 1) != 0);
                break;
            case 4 when isWhole:
                handler.OnWindowIncrement(id, Word(body) & 0x7FFF_FFFF);
                break;
            case 6 when body.Length >= 8:
                handler.OnGoAway(Word(body) & 0x7FFF_FFFF, Word(body[4..]));
                if (body.Length > 8)
                    handler.OnGoAwayDebug(body[8..]);
                break;
        }
    }

    private static uint Word(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
