using System.Buffers.Binary;
using System.Text;

namespace Muxado.Fast.Tests.Diagnostics;

/// <summary>Reads a little-endian pcapng file by its specification, and not by what wrote it.</summary>
internal sealed class PcapngFile
{
    private PcapngFile()
    {
    }

    public List<(int LinkType, uint SnapLength, string Name, byte Resolution)> Interfaces { get; } = [];

    public List<Packet> Packets { get; } = [];

    public static PcapngFile Parse(byte[] file)
    {
        var parsed = new PcapngFile();
        var blocks = 0;
        for (var rest = file.AsSpan(); !rest.IsEmpty; blocks++)
        {
            var (type, length) = (Word(rest, 0), (int)Word(rest, 4));
            if (length % 4 != 0 || length < 12 || Word(rest, length - 4) != length)
                throw new FormatException($"Block {blocks} has no length: {length} at its beginning, {Word(rest, length - 4)} at its end.");
            if (blocks == 0 && (type != 0x0A0D0D0A || Word(rest, 8) != 0x1A2B3C4D || Word(rest, 12) != 1))
                throw new FormatException("The file does not begin with a section of version 1.0.");
            var body = rest[8..(length - 4)];
            if (type == 1)
                parsed.AddInterface(body);
            else if (type == 6)
                parsed.AddPacket(body);
            else if (blocks > 0)
                throw new FormatException($"Block {blocks} is of type {type}.");
            rest = rest[length..];
        }

        return parsed;
    }

    private void AddInterface(ReadOnlySpan<byte> body)
    {
        var options = Options(body[8..]);
        Interfaces.Add((BinaryPrimitives.ReadUInt16LittleEndian(body), Word(body, 4), Encoding.UTF8.GetString(options[2]), options[9].Single()));
    }

    private void AddPacket(ReadOnlySpan<byte> body)
    {
        var captured = (int)Word(body, 12);
        var nanoseconds = ((ulong)Word(body, 4) << 32) | Word(body, 8);
        var options = Options(body[(20 + ((captured + 3) / 4 * 4))..]);
        Packets.Add(new Packet(
            (int)Word(body, 0),
            DateTimeOffset.UnixEpoch.AddTicks((long)(nanoseconds / 100)),
            BinaryPrimitives.ReadUInt32LittleEndian(options[2]) switch { 1 => "in", 2 => "out", var other => $"flags {other}" },
            body.Slice(20, captured).ToArray(),
            (int)Word(body, 16)));
    }

    private static Dictionary<int, byte[]> Options(ReadOnlySpan<byte> rest)
    {
        var options = new Dictionary<int, byte[]>();
        while (BinaryPrimitives.ReadUInt16LittleEndian(rest) is not 0 and var code)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]);
            options.Add(code, rest.Slice(4, length).ToArray());
            rest = rest[(4 + ((length + 3) / 4 * 4))..];
        }

        if (rest.Length != 4)
            throw new FormatException($"{rest.Length - 4} bytes follow the options.");
        return options;
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    internal sealed record Packet(int Interface, DateTimeOffset Time, string Direction, byte[] Bytes, int OriginalLength);
}
