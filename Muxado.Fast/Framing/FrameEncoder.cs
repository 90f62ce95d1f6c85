using System.Buffers.Binary;
using System.Diagnostics;

namespace Muxado.Fast.Framing;

/// <summary>Writes frames. Each method fills the start of the given span and returns how many bytes it wrote.</summary>
internal static class FrameEncoder
{
    /// <summary>How long <see cref="WriteSyn"/> will be.</summary>
    public static int SynBytes(uint priority, uint streamType) =>
        Wire.HeaderBytes + (priority != 0 ? 4 : 0) + (streamType != 0 ? 4 : 0);

    /// <summary>At most <see cref="Wire.MaxSynBytes"/>. Fields that are zero are left out, as Go does.</summary>
    public static int WriteSyn(Span<byte> d, uint id, uint priority, uint streamType)
    {
        FrameFlags flags = FrameFlags.None;
        int written = Wire.HeaderBytes;
        if (priority != 0)
        {
            flags |= FrameFlags.Priority;
            BinaryPrimitives.WriteUInt32BigEndian(d[written..], priority);
            written += 4;
        }

        if (streamType != 0)
        {
            flags |= FrameFlags.StreamType;
            BinaryPrimitives.WriteUInt32BigEndian(d[written..], streamType);
            written += 4;
        }

        new FrameHeader(FrameType.Syn, flags, id, written - Wire.HeaderBytes).Write(d);
        return written;
    }

    /// <summary>Always <see cref="Wire.RstBytes"/>.</summary>
    public static int WriteRst(Span<byte> d, uint id, MuxadoErrorCode code) => WriteNumber(d, FrameType.Rst, id, (uint)code);

    /// <summary>Always <see cref="Wire.WindowIncrementBytes"/>.</summary>
    public static int WriteWindowIncrement(Span<byte> d, uint id, uint credit)
    {
        Debug.Assert(credit <= Wire.MaxWindowBytes, "credit has 31 bits");
        return WriteNumber(d, FrameType.WindowIncrement, id, credit);
    }

    /// <summary>The header alone, <see cref="Wire.HeaderBytes"/>: the payload may lie elsewhere.</summary>
    public static int WriteDataHeader(Span<byte> d, uint id, int payloadBytes, bool fin)
    {
        new FrameHeader(FrameType.Data, fin ? FrameFlags.Fin : FrameFlags.None, id, payloadBytes).Write(d);
        return Wire.HeaderBytes;
    }

    /// <summary>Adds FIN to a DATA frame that is already written, and spares an empty frame after it.</summary>
    public static void SetFin(Span<byte> header)
    {
        Debug.Assert(FrameHeader.Read(header).Type == FrameType.Data, "FIN travels on DATA only");
        header[2] |= (byte)FrameFlags.Fin;
    }

    /// <summary><see cref="Wire.GoAwayFixedBytes"/> plus the debug bytes, which are at most <see cref="Wire.MaxGoAwayDebugBytes"/>.</summary>
    public static int WriteGoAway(Span<byte> d, uint lastId, MuxadoErrorCode code, ReadOnlySpan<byte> debug)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(debug.Length, Wire.MaxGoAwayDebugBytes, nameof(debug));
        new FrameHeader(FrameType.GoAway, FrameFlags.None, 0, Wire.GoAwayBodyBytes + debug.Length, honestGoAway: true).Write(d);
        BinaryPrimitives.WriteUInt32BigEndian(d[Wire.HeaderBytes..], lastId);
        BinaryPrimitives.WriteUInt32BigEndian(d[(Wire.HeaderBytes + 4)..], (uint)code);
        debug.CopyTo(d[Wire.GoAwayFixedBytes..]);
        return Wire.GoAwayFixedBytes + debug.Length;
    }

    private static int WriteNumber(Span<byte> d, FrameType type, uint id, uint number)
    {
        new FrameHeader(type, FrameFlags.None, id, payloadBytes: 4).Write(d);
        BinaryPrimitives.WriteUInt32BigEndian(d[Wire.HeaderBytes..], number);
        return Wire.HeaderBytes + 4;
    }
}
