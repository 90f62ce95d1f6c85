using System.Buffers.Binary;
using System.Text;

namespace Muxado.Fast.Tests.Support;

/// <summary>One frame exactly as its bytes stand on the wire, legal or not. Two frames are equal when every bit is.</summary>
/// <remarks>Written from the wire's description and not from the library's codec, so that neither can hide the other's mistake.</remarks>
public sealed class WireFrame : IEquatable<WireFrame>
{
    public const int HeaderBytes = 8;
    public const int MaxPayloadBytes = 16_383;

    private readonly byte[] _bytes;

    /// <summary>Takes the header's eight bytes and whatever follows them.</summary>
    public WireFrame(byte[] bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, HeaderBytes);
        _bytes = bytes;
    }

    public ReadOnlyMemory<byte> Bytes => _bytes;
    public ReadOnlySpan<byte> Payload => _bytes.AsSpan(HeaderBytes);
    public int Length => LengthOf(_bytes);
    public byte Flags => _bytes[2];
    public WireType Type => (WireType)(_bytes[3] & 0x1F);
    public uint StreamId => BinaryPrimitives.ReadUInt32BigEndian(_bytes.AsSpan(4)) & 0x7FFF_FFFF;
    public bool HasFin => (Flags & Frames.FinFlag) != 0;

    /// <summary>Whether the bit is set that says that a GOAWAY's length is honest.</summary>
    public bool HasHonestMark => (_bytes[3] & 0x20) != 0;

    /// <summary>Every bit that the wire reserves, and that has to be zero in what we send; the honest GOAWAY's mark is not one.</summary>
    public bool HasReservedBits =>
        (_bytes[0] & 0xC0) != 0
        || (_bytes[2] & 0xF8) != 0
        || (_bytes[3] & (Type == WireType.GoAway ? 0xC0 : 0xE0)) != 0
        || (_bytes[4] & 0x80) != 0;

    public static int LengthOf(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt16BigEndian(header) & 0x3FFF;

    public uint PayloadWord(int index) => BinaryPrimitives.ReadUInt32BigEndian(Payload[(4 * index)..]);

    /// <summary>The same frame with these bits of its header turned on.</summary>
    public WireFrame WithHeaderBits(ulong bits)
    {
        byte[] bytes = [.. _bytes];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, BinaryPrimitives.ReadUInt64BigEndian(bytes) | bits);
        return new WireFrame(bytes);
    }

    public bool Equals(WireFrame? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    public override bool Equals(object? obj) => Equals(obj as WireFrame);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    public override string ToString()
    {
        const int ShownBytes = 24;
        var text = new StringBuilder();
        text.Append(Type).Append(HasFin ? "+FIN" : "").Append(" on ").Append(StreamId);
        text.Append(" [").Append(Convert.ToHexStringLower(_bytes.AsSpan(0, HeaderBytes)));
        if (!Payload.IsEmpty)
            text.Append(' ').Append(Convert.ToHexStringLower(Payload[..Math.Min(ShownBytes, Payload.Length)]));
        if (Payload.Length > ShownBytes)
            text.Append("... ").Append(Payload.Length).Append(" bytes");
        return text.Append(']').ToString();
    }
}
