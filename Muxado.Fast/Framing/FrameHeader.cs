using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using CommunityToolkit.HighPerformance;

namespace Muxado.Fast.Framing;

/// <summary>A frame's first eight bytes, kept as one number whose fields are shifted out on demand.</summary>
/// <remarks>
/// Threading: an immutable value.
/// Invariants: none, any eight bytes are a header; what is legal is for <see cref="FrameRules"/> to say.
/// </remarks>
internal readonly struct FrameHeader
{
    private const int PayloadShift = 48;
    private const int FlagsShift = 40;
    private const int TypeShift = 32;
    private const uint TypeMask = 0x1F;

    private readonly ulong _bits;

    public FrameHeader(FrameType type, FrameFlags flags, uint streamId, int payloadBytes, bool honestGoAway = false)
    {
        Debug.Assert(payloadBytes is >= 0 and <= Wire.MaxPayloadBytes, "the payload does not fit the 14 bits of its length");
        Debug.Assert(streamId <= Wire.MaxStreamId, "the stream id does not fit its 31 bits");
        _bits = (ulong)(uint)payloadBytes << PayloadShift | (ulong)flags << FlagsShift | (ulong)type << TypeShift | streamId;
        if (honestGoAway)
            _bits |= (ulong)Wire.HonestGoAwayMark << TypeShift;
    }

    private FrameHeader(ulong bits) => _bits = bits;

    /// <summary>Any value from 0 to 31: a peer may send types that have no name.</summary>
    public FrameType Type => (FrameType)((uint)(_bits >> TypeShift) & TypeMask);

    public FrameFlags Flags => (FrameFlags)(byte)(_bits >> FlagsShift);

    public uint StreamId => (uint)_bits & Wire.MaxStreamId;

    /// <summary>The length as announced. Only a GOAWAY's may be untrue, see <see cref="Wire.HonestGoAwayMark"/>.</summary>
    public int PayloadBytes => (int)(_bits >> PayloadShift) & Wire.MaxPayloadBytes;

    /// <summary>Whether the mark is set by which a GOAWAY vouches for its length.</summary>
    public bool HonestGoAway => (_bits >> TypeShift & Wire.HonestGoAwayMark) != 0;

    public bool IsFin => (Flags & FrameFlags.Fin) != 0;

    /// <summary>Reads the first eight bytes of a longer or equal span: one load and one byte swap.</summary>
    public static FrameHeader Read(ReadOnlySpan<byte> eightBytes)
    {
        Debug.Assert(eightBytes.Length >= Wire.HeaderBytes, "a header has eight bytes");

        // Safety: the decoder has counted eight bytes before it asks; a load may be unaligned.
        // Perf: no second length check, a fifth less time (FrameHeaderBenchmarks.ReadDataHeaders against ReadPlain).
        return new(BigEndian(Unsafe.ReadUnaligned<ulong>(ref eightBytes.DangerousGetReference())));
    }

    public void Write(Span<byte> eightBytes)
    {
        Debug.Assert(eightBytes.Length >= Wire.HeaderBytes, "a header has eight bytes");

        // Safety: every caller reserves at least a header; a store may be unaligned.
        // Perf: no second length check, a sixth less time (FrameHeaderBenchmarks.WriteDataHeaders against WritePlain).
        Unsafe.WriteUnaligned(ref eightBytes.DangerousGetReference(), BigEndian(_bits));
    }

    private static ulong BigEndian(ulong bits) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(bits) : bits;

    /// <summary>The eight bytes in hex, for messages.</summary>
    public override string ToString() => $"{_bits:x16}";
}
