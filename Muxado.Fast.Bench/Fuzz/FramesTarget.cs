using Muxado.Fast.Framing;
using static Muxado.Fast.Bench.Fuzz.FuzzFailureException;

namespace Muxado.Fast.Bench.Fuzz;

/// <summary>
/// The frame decoder: it tells what <see cref="PlainDecoder"/> tells wherever the bytes are cut and whatever lies behind them in
/// memory, and has taken the sum of header and body of each frame.
/// </summary>
internal sealed class FramesTarget() : FuzzTarget("frames")
{
    private const int StrictBit = 0x80;

    protected override void Run(byte seed, byte[] bytes)
    {
        var isStrict = (seed & StrictBit) != 0;
        var choices = new Choices(seed & ~StrictBit);
        var expected = new FrameLog();
        var taken = PlainDecoder.Tell(bytes, isStrict, expected);

        Check(Decode(bytes, isStrict, static _ => int.MaxValue, behind: 0x00, out var whole), whole, expected, taken, "in one piece");
        Check(Decode(bytes, isStrict, static _ => 1, behind: 0xFF, out var log), log, expected, taken, "byte by byte");
        Check(Decode(bytes, isStrict, left => choices.OneIn(4) ? left : choices.Between(1, 24), behind: 0x03, out log), log, expected, taken, "in pieces");
        CheckPauses(bytes, isStrict, expected, taken);
        if (whole.Calls > 0)
            CheckStop(bytes, isStrict, choices.Between(1, whole.Calls), expected);
    }

    private static void Check(FrameDecoder decoder, FrameLog log, FrameLog expected, int taken, string how)
    {
        Require(log.Written.SequenceEqual(expected.Written), $"{how}, the bytes say something else");
        Require(decoder.BytesDecoded == taken, $"{how}, {decoder.BytesDecoded} bytes were decoded where frames end at {taken}");
    }

    /// <summary>A handler that pauses is told one thing at a time, and nothing twice.</summary>
    private static void CheckPauses(byte[] bytes, bool isStrict, FrameLog expected, int taken)
    {
        var decoder = new FrameDecoder(isStrict);
        var log = new FrameLog(isPausing: true);
        var goesOn = true;
        while (goesOn && decoder.BytesDecoded < bytes.Length)
        {
            var (before, calls) = (decoder.BytesDecoded, log.Calls);
            goesOn = decoder.Decode(bytes.AsSpan((int)before), log);
            Require(decoder.BytesDecoded > before && log.Calls <= calls + 1, "a decoder pauses after each call, and then goes on");
        }

        Check(decoder, log, expected, taken, "with pauses");
    }

    /// <summary>A handler that says stop is told nothing more, and no byte is taken any more.</summary>
    private static void CheckStop(byte[] bytes, bool isStrict, int stopAfterCalls, FrameLog expected)
    {
        var decoder = new FrameDecoder(isStrict);
        var log = new FrameLog(stopAfterCalls);
        Require(!decoder.Decode(bytes, log), "the decoder does not stop when it is told to");
        var decoded = decoder.BytesDecoded;
        Require(!decoder.Decode(bytes, log) && decoder.BytesDecoded == decoded, "a stopped decoder goes on");
        Require(expected.Written.StartsWith(log.Written), "up to the stop, the bytes say something else");
    }

    private static FrameDecoder Decode(byte[] bytes, bool isStrict, Func<int, int> pieceBytes, byte behind, out FrameLog log)
    {
        var decoder = new FrameDecoder(isStrict);
        log = new FrameLog();
        var memory = new byte[bytes.Length + 64];
        memory.AsSpan().Fill(behind);
        var goesOn = true;
        for (var at = 0; at < bytes.Length;)
        {
            // At the beginning of memory that has other bytes behind, and nothing of what comes next.
            var left = bytes.Length - at;
            var piece = Math.Min(pieceBytes(left), left);
            bytes.AsSpan(at, piece).CopyTo(memory);
            var before = decoder.BytesDecoded;
            var went = decoder.Decode(memory.AsSpan(0, piece), log);
            Require(goesOn || !went, "a stopped decoder goes on");
            Require(!went || decoder.BytesDecoded == before + piece, "a decoder that goes on has taken all that it was given");
            goesOn = went;
            memory.AsSpan(0, piece).Fill(behind);
            at += piece;
        }

        return decoder;
    }
}
