using System.Buffers.Binary;
using System.Text;

namespace Muxado.Fast.Tests.Support;

/// <summary>Spells frames, so that a test reads like the conversation that it holds.</summary>
public static class Frames
{
    public const byte FinFlag = 0x01;
    public const byte PriorityFlag = 0x02;
    public const byte TypeFlag = 0x04;

    public const uint HeartbeatType = 0xFFFF_FEFF;
    public const uint HeartbeatPriority = 0x7FFF_FFFF;

    public static WireFrame Syn(uint id) => Of(WireType.Syn, 0, id);

    public static WireFrame Syn(uint id, uint priority, uint type) =>
        Of(WireType.Syn, PriorityFlag | TypeFlag, id, [.. Word(priority), .. Word(type)]);

    public static WireFrame SynWithPriority(uint id, uint priority) => Of(WireType.Syn, PriorityFlag, id, Word(priority));

    public static WireFrame SynWithType(uint id, uint type) => Of(WireType.Syn, TypeFlag, id, Word(type));

    public static WireFrame SynWithFin(uint id) => Of(WireType.Syn, FinFlag, id);

    /// <summary>How both sides open their heartbeat.</summary>
    public static WireFrame Heartbeat(uint id) => Syn(id, HeartbeatPriority, HeartbeatType);

    public static WireFrame Rst(uint id, uint code) => Of(WireType.Rst, 0, id, Word(code));

    public static WireFrame Data(uint id, string text) => Data(id, Encoding.UTF8.GetBytes(text));

    public static WireFrame Data(uint id, byte[] payload) => Of(WireType.Data, 0, id, payload);

    public static WireFrame DataFin(uint id, string text) => DataFin(id, Encoding.UTF8.GetBytes(text));

    public static WireFrame DataFin(uint id, byte[] payload) => Of(WireType.Data, FinFlag, id, payload);

    /// <summary>The half-close that carries nothing.</summary>
    public static WireFrame Fin(uint id) => Of(WireType.Data, FinFlag, id);

    public static WireFrame WndInc(uint id, uint credit) => Of(WireType.WndInc, 0, id, Word(credit));

    /// <summary>Muxado.Fast's own GOAWAY: marked, and as long as it says.</summary>
    public static WireFrame GoAway(uint lastId, uint code, string debug = "") =>
        PlainGoAway(lastId, code, debug).WithHeaderBits(0x20_0000_0000);

    /// <summary>A GOAWAY without the mark, yet as long as it says.</summary>
    public static WireFrame PlainGoAway(uint lastId, uint code, string debug = "") =>
        Of(WireType.GoAway, 0, 0, [.. Word(lastId), .. Word(code), .. Encoding.UTF8.GetBytes(debug)]);

    /// <summary>Go's GOAWAY: it announces 16 bytes more than its debug text, and sends eight.</summary>
    public static WireFrame GoGoAway(uint lastId, uint code, int debugBytes) =>
        Raw((int)WireType.GoAway, 0, 0, 16 + debugBytes, [.. Word(lastId), .. Word(code)]);

    /// <summary>One DATA frame after another, the longest first, that carry the whole of <paramref name="content"/>.</summary>
    public static WireFrame[] Bulk(uint id, byte[] content) =>
        [.. content.Chunk(WireFrame.MaxPayloadBytes).Select(part => Data(id, part))];

    /// <summary>A frame from its bytes in hex, blanks allowed.</summary>
    public static WireFrame Hex(string bytes) => new(Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)));

    /// <summary>Any frame at all, also one whose length is not that of what follows.</summary>
    public static WireFrame Raw(int type, byte flags, uint id, int length, ReadOnlySpan<byte> payload)
    {
        var bytes = new byte[WireFrame.HeaderBytes + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, checked((ushort)length));
        bytes[2] = flags;
        bytes[3] = checked((byte)type);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), id);
        payload.CopyTo(bytes.AsSpan(WireFrame.HeaderBytes));
        return new WireFrame(bytes);
    }

    public static WireFrame Raw(int type, byte flags, uint id, int length) => Raw(type, flags, id, length, new byte[length]);

    private static WireFrame Of(WireType type, int flags, uint id, params ReadOnlySpan<byte> payload) =>
        Raw((int)type, (byte)flags, id, payload.Length, payload);

    private static byte[] Word(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
