using System.Buffers.Binary;
using System.Text;

namespace Muxado.Fast.Diagnostics;

/// <summary>The three kinds of block that a pcapng file of frames is made of, little-endian. Each method fills the start of a span and returns how many bytes it wrote.</summary>
/// <remarks>
/// Every block has its type, its length, a body that fills whole words, and its length again. Options are a code, a length and a value that fills
/// whole words; code 0 ends them.
/// </remarks>
internal static class PcapngBlocks
{
    /// <summary>The first of the link types that are left to the users of the format.</summary>
    public const ushort UserLinkType = 147;

    /// <summary>What a packet's block has besides the packet.</summary>
    public const int PacketOverheadBytes = 48;

    /// <summary>Enough for the other two kinds.</summary>
    public const int OtherBlockBytes = 256;

    private const uint SectionType = 0x0A0D0D0A;
    private const uint InterfaceType = 1;
    private const uint PacketType = 6;
    private const uint ByteOrderMagic = 0x1A2B3C4D;
    private const ushort ApplicationOption = 4;
    private const ushort NameOption = 2;
    private const ushort ResolutionOption = 9;
    private const ushort FlagsOption = 2;
    private const byte Nanoseconds = 9;
    private const int NanosecondsPerTick = 100;
    private const uint Inbound = 1;
    private const uint Outbound = 2;

    public static int WriteSection(Span<byte> d)
    {
        int at = Begin(d, SectionType);
        at += WriteWord(d[at..], ByteOrderMagic);
        at += WriteWord(d[at..], 1); // Version 1.0: the minor number is the upper half.
        at += WriteWord(d[at..], uint.MaxValue); // How long the section is, in two words: not known.
        at += WriteWord(d[at..], uint.MaxValue);
        at += WriteOption(d[at..], ApplicationOption, "Muxado.Fast"u8);
        return End(d, at);
    }

    public static int WriteInterface(Span<byte> d, string name, int snapLength)
    {
        int at = Begin(d, InterfaceType);
        at += WriteWord(d[at..], UserLinkType);
        at += WriteWord(d[at..], (uint)snapLength);
        at += WriteOption(d[at..], NameOption, Encoding.UTF8.GetBytes(name));
        at += WriteOption(d[at..], ResolutionOption, [Nanoseconds]);
        return End(d, at);
    }

    public static int WritePacket(Span<byte> d, int interfaceId, DateTimeOffset timestamp, bool isOutbound, ReadOnlySpan<byte> packet, int snapLength)
    {
        ulong time = (ulong)(timestamp.UtcTicks - DateTime.UnixEpoch.Ticks) * NanosecondsPerTick;
        ReadOnlySpan<byte> captured = snapLength == 0 ? packet : packet[..Math.Min(packet.Length, snapLength)];
        Span<byte> flags = stackalloc byte[sizeof(uint)];
        WriteWord(flags, isOutbound ? Outbound : Inbound);

        int at = Begin(d, PacketType);
        at += WriteWord(d[at..], (uint)interfaceId);
        at += WriteWord(d[at..], (uint)(time >> 32));
        at += WriteWord(d[at..], (uint)time);
        at += WriteWord(d[at..], (uint)captured.Length);
        at += WriteWord(d[at..], (uint)packet.Length);
        at += WritePadded(d[at..], captured);
        at += WriteOption(d[at..], FlagsOption, flags);
        return End(d, at);
    }

    private static int Begin(Span<byte> d, uint type)
    {
        WriteWord(d, type);
        return 2 * sizeof(uint); // The length is written at the end.
    }

    private static int End(Span<byte> d, int at)
    {
        at += WriteWord(d[at..], 0); // The end of the options.
        at += sizeof(uint);
        WriteWord(d[sizeof(uint)..], (uint)at);
        WriteWord(d[(at - sizeof(uint))..], (uint)at);
        return at;
    }

    private static int WriteOption(Span<byte> d, ushort code, ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(d, code);
        BinaryPrimitives.WriteUInt16LittleEndian(d[sizeof(ushort)..], (ushort)value.Length);
        return sizeof(uint) + WritePadded(d[sizeof(uint)..], value);
    }

    private static int WritePadded(Span<byte> d, ReadOnlySpan<byte> bytes)
    {
        int padded = (bytes.Length + 3) & ~3;
        bytes.CopyTo(d);
        d[bytes.Length..padded].Clear();
        return padded;
    }

    private static int WriteWord(Span<byte> d, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(d, value);
        return sizeof(uint);
    }
}
