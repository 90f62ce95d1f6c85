using CsCheck;
using Muxado.Fast.Framing;

namespace Muxado.Fast.Tests.Framing;

/// <summary>Frames as values, the bytes the encoder makes of them, and the line the decoder should tell.</summary>
internal static class GenFrames
{
    public sealed record Frame(byte[] Bytes, string[] Lines);

    private static readonly Gen<uint> Id = Gen.UInt[1, Wire.MaxStreamId];

    private static readonly Gen<uint> Field = Gen.Frequency((1, Gen.Const(0u)), (3, Gen.UInt));

    private static readonly Gen<Frame> Syn = Gen.Select(Id, Field, Field, (id, priority, type) =>
    {
        byte[] bytes = new byte[Wire.MaxSynBytes];
        int written = FrameEncoder.WriteSyn(bytes, id, priority, type);
        return new Frame(bytes[..written], [$"SYN {id} priority {priority:x} type {type:x}"]);
    });

    private static readonly Gen<Frame> Rst = Gen.Select(Id, Gen.UInt, (id, code) =>
    {
        byte[] bytes = new byte[Wire.RstBytes];
        FrameEncoder.WriteRst(bytes, id, (MuxadoErrorCode)code);
        return new Frame(bytes, [$"RST {id} code {code}"]);
    });

    private static readonly Gen<Frame> WindowIncrement = Gen.Select(Id, Gen.UInt[0, Wire.MaxWindowBytes], (id, credit) =>
    {
        byte[] bytes = new byte[Wire.WindowIncrementBytes];
        FrameEncoder.WriteWindowIncrement(bytes, id, credit);
        return new Frame(bytes, [$"WND_INC {id} +{credit}"]);
    });

    private static readonly Gen<Frame> Data = Gen.Select(Id, Payload(Wire.MaxPayloadBytes), Gen.Bool, (id, payload, fin) =>
    {
        byte[] bytes = new byte[Wire.HeaderBytes + payload.Length];
        FrameEncoder.WriteDataHeader(bytes, id, payload.Length, fin);
        payload.CopyTo(bytes, Wire.HeaderBytes);
        return new Frame(bytes, [$"DATA {id} {Convert.ToHexStringLower(payload)}{(fin ? " FIN" : "")}"]);
    });

    private static readonly Gen<Frame> GoAway =
        Gen.Select(Gen.UInt[0, Wire.MaxStreamId], Gen.UInt, Payload(Wire.MaxGoAwayDebugBytes), (lastId, code, debug) =>
        {
            byte[] bytes = new byte[Wire.GoAwayFixedBytes + debug.Length];
            FrameEncoder.WriteGoAway(bytes, lastId, (MuxadoErrorCode)code, debug);
            string line = $"GOAWAY last {lastId} code {code}";
            return new Frame(bytes, debug.Length == 0 ? [line] : [line, $"debug {Convert.ToHexStringLower(debug)}"]);
        });

    public static Gen<Frame[]> Frames { get; } = Gen.OneOf(Syn, Rst, Data, WindowIncrement, GoAway).Array[1, 12];

    public static Gen<byte[]> Script { get; } = Frames.Select(frames => frames.SelectMany(f => f.Bytes).ToArray());

    /// <summary>Offsets that are dense at the start, where short scripts are.</summary>
    public static Gen<int[]> Cuts { get; } = Gen.Frequency((3, Gen.Int[0, 120]), (1, Gen.Int[0, 40_000])).Array[0, 60];

    /// <summary>Bytes of which many begin as a legal header does, so that not all end at the first one.</summary>
    public static Gen<byte[]> Garbage { get; } =
        Gen.OneOf(Gen.Byte.Array[0, 40], Gen.Select(Gen.Byte[0, 12], Gen.Byte, Gen.Byte[0, 7], Gen.Byte[0, 3], LikelyHeader))
            .Array[1, 20].Select(pieces => pieces.SelectMany(p => p).ToArray());

    private static Gen<byte[]> Payload(int maxBytes) =>
        Gen.Frequency((4, Gen.Byte.Array[0, 20]), (1, Gen.Byte.Array[0, maxBytes]), (1, Gen.Byte.Array[maxBytes]));

    private static byte[] LikelyHeader(byte length, byte flags, byte type, byte id) =>
        [0, length, flags, (byte)(type | (flags & 0xE0)), 0, 0, 0, id];
}
