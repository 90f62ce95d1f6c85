using Muxado.Fast.Framing;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Framing;

/// <summary>What is illegal, what looks so and is not, and that a stopped decoder stays stopped.</summary>
public sealed class DecoderRulesTests
{
    [TestCase("00050001 00000004", MuxadoErrorCode.FrameSizeError, "frame SYN on stream 4: length 5 does not match its flags (expected 0)")]
    [TestCase("00050201 00000004", MuxadoErrorCode.FrameSizeError, "frame SYN on stream 4: length 5 does not match its flags (expected 4)")]
    [TestCase("00000401 00000004", MuxadoErrorCode.FrameSizeError, "frame SYN on stream 4: length 0 does not match its flags (expected 4)")]
    [TestCase("00040601 00000004", MuxadoErrorCode.FrameSizeError, "frame SYN on stream 4: length 4 does not match its flags (expected 8)")]
    [TestCase("00030002 00000004", MuxadoErrorCode.FrameSizeError, "frame RST on stream 4: length 3 is wrong (expected 4)")]
    [TestCase("3fff0002 00000004", MuxadoErrorCode.FrameSizeError, "frame RST on stream 4: length 16383 is wrong (expected 4)")]
    [TestCase("00000004 00000004", MuxadoErrorCode.FrameSizeError, "frame WND_INC on stream 4: length 0 is wrong (expected 4)")]
    [TestCase("00080004 00000004", MuxadoErrorCode.FrameSizeError, "frame WND_INC on stream 4: length 8 is wrong (expected 4)")]
    [TestCase("00070006 00000000", MuxadoErrorCode.FrameSizeError, "frame GOAWAY on stream 0: length 7 is too short (expected at least 8)")]
    [TestCase("00070026 00000000", MuxadoErrorCode.FrameSizeError, "frame GOAWAY on stream 0: length 7 is too short (expected at least 8)")]
    [TestCase("00000001 00000000", MuxadoErrorCode.ProtocolError, "frame SYN on stream 0: only GOAWAY belongs there")]
    [TestCase("00040002 00000000", MuxadoErrorCode.ProtocolError, "frame RST on stream 0: only GOAWAY belongs there")]
    [TestCase("00050003 00000000", MuxadoErrorCode.ProtocolError, "frame DATA on stream 0: only GOAWAY belongs there")]
    [TestCase("00000003 80000000", MuxadoErrorCode.ProtocolError, "frame DATA on stream 0: only GOAWAY belongs there")]
    [TestCase("00040004 00000000", MuxadoErrorCode.ProtocolError, "frame WND_INC on stream 0: only GOAWAY belongs there")]
    [TestCase("00080006 00000002", MuxadoErrorCode.ProtocolError, "frame GOAWAY on stream 2: it belongs on stream 0")]
    [TestCase("00040005 00000004", MuxadoErrorCode.ProtocolError,
        "frame PRIORITY on stream 4: the type is reserved and has no meaning in muxado generation 1")]
    public void A_broken_rule_is_named_as_soon_as_the_header_is_there(string hex, MuxadoErrorCode code, string message)
    {
        byte[] header = FrameScript.Hex(hex);
        FrameDecoder decoder = new(strictGoAway: false);
        RecordingHandler handler = new();

        Assert.That(decoder.Decode(header.AsSpan(0, 7), handler), Is.True);
        Assert.That(handler.Calls, Is.Zero);
        Assert.That(decoder.Decode(header.AsSpan(7), handler), Is.False);

        Assert.That(handler.ViolationCode, Is.EqualTo(code));
        Assert.That(handler.ViolationMessage, Is.EqualTo(message));
        Assert.That(decoder.BytesDecoded, Is.EqualTo(Wire.HeaderBytes));
    }

    [Test]
    public void A_type_without_a_meaning_is_a_protocol_error_and_its_header_is_shown([Values(0, 7, 15, 16, 31)] int type)
    {
        FrameDecoder decoder = new(strictGoAway: false);
        RecordingHandler handler = new();

        Assert.That(decoder.Decode(FrameScript.Hex($"000400{type:x2} 00000004 00000000"), handler), Is.False);

        Assert.That(handler.ViolationCode, Is.EqualTo(MuxadoErrorCode.ProtocolError));
        Assert.That(handler.ViolationMessage, Is.EqualTo($"frame of unknown type {type} on stream 4 (header 000400{type:x2}00000004): "
            + "the peer does not speak muxado generation 1"));
    }

    [TestCase("GET / HTTP/1.1\r\n")]
    [TestCase("POST / HTTP/1.1\r\n")]
    [TestCase("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [TestCase("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", Description = "TLS")]
    [TestCase("\x00\x00\x00\x12\x00\x00\x00\x03", Description = "muxado generation 2: type and flags share the fourth byte")]
    public void Another_protocol_ends_at_the_first_header(string text)
    {
        FrameDecoder decoder = new(strictGoAway: false);
        RecordingHandler handler = new();

        Assert.That(decoder.Decode(System.Text.Encoding.Latin1.GetBytes(text), handler), Is.False);
        Assert.That(handler.Lines, Has.Count.EqualTo(1));
        Assert.That(handler.ViolationCode, Is.Not.Null);
    }

    [TestCase("c00801c1 80000005", "", Description = "reserved bits, SYN of a wrong length")]
    [TestCase("c00000c1 80000005", "SYN 5 priority 0 type 0")]
    [TestCase("c004f8c4 80000005 80000007", "WND_INC 5 +7")]
    [TestCase("c001f8e3 80000005 2a", "DATA 5 2a")]
    [TestCase("c008ffc6 80000000 80000003 80000004", "GOAWAY last 3 code 2147483652")]
    [TestCase("c0000101 00000005", "SYN 5 priority 0 type 0 FIN")]
    public void Reserved_bits_and_unknown_flags_are_ignored(string hex, string line)
    {
        FrameDecoder decoder = new(strictGoAway: false);
        RecordingHandler handler = new();

        bool isAlive = decoder.Decode(FrameScript.Hex(hex), handler);

        Assert.That(isAlive, Is.EqualTo(line.Length > 0));
        if (isAlive)
            Assert.That(handler.Lines, Is.EqualTo(new[] { line }));
        else
            Assert.That(handler.ViolationCode, Is.EqualTo(MuxadoErrorCode.FrameSizeError));
    }

    // The mark (26) is believed. Without it (06) a length of 8 to 15 is literal, since Go's lie starts at 16.
    [TestCase("0008 0006", 0, false)]
    [TestCase("000f 0006", 7, false)]
    [TestCase("0010 0006", 0, false)]
    [TestCase("3fff 0006", 0, false)]
    [TestCase("0008 0026", 0, false)]
    [TestCase("000f 0026", 7, false)]
    [TestCase("0010 0026", 8, false)]
    [TestCase("0408 0026", 1024, false)]
    [TestCase("000f 0006", 7, true)]
    [TestCase("0010 0006", 8, true)]
    [TestCase("0010 0026", 8, true)]
    public void Goaway_has_as_many_debug_bytes_as_its_sender_means(string start, int debugBytes, bool strict)
    {
        FrameDecoder decoder = new(strict);
        RecordingHandler handler = new();
        string debug = string.Concat(Enumerable.Repeat("64", debugBytes));
        byte[] bytes = FrameScript.Hex($"{start} 00000000 00000002 00000001 {debug} 00000001 00000005");

        Assert.That(decoder.Decode(bytes, handler), Is.True);

        string[] expected = debugBytes == 0
            ? ["GOAWAY last 2 code 1", "SYN 5 priority 0 type 0"]
            : ["GOAWAY last 2 code 1", $"debug {debug}", "SYN 5 priority 0 type 0"];
        Assert.That(handler.Lines, Is.EqualTo(expected));
        Assert.That(decoder.BytesDecoded, Is.EqualTo(bytes.Length));
    }

    [Test]
    public void A_paused_decoder_says_how_far_it_came_and_goes_on_from_there()
    {
        RecordingHandler unpaused = new();
        new FrameDecoder(strictGoAway: false).Decode(FrameScript.Bytes, unpaused);
        FrameDecoder decoder = new(strictGoAway: false);
        RecordingHandler handler = new() { IsPausing = true };

        for (int calls = 1; decoder.BytesDecoded < FrameScript.Bytes.Length; calls++)
        {
            Assert.That(decoder.Decode(FrameScript.Bytes.AsSpan((int)decoder.BytesDecoded), handler), Is.True);
            Assert.That(handler.Calls, Is.EqualTo(calls), "one frame, or one piece of one, at a time");
        }

        Assert.That(handler.Lines, Is.EqualTo(unpaused.Lines));
    }

    [Test]
    public void A_stopped_decoder_takes_nothing_more()
    {
        int calls = Count(FrameScript.Bytes);
        for (int stopAfter = 1; stopAfter <= calls; stopAfter++)
        {
            FrameDecoder decoder = new(strictGoAway: false);
            RecordingHandler handler = new() { StopAfterCalls = stopAfter };

            Assert.That(decoder.Decode(FrameScript.Bytes, handler), Is.False);
            long decoded = decoder.BytesDecoded;
            Assert.That(decoder.Decode(FrameScript.Bytes, handler), Is.False);
            Assert.That(decoder.Decode(default, handler), Is.False);

            Assert.That(handler.Calls, Is.EqualTo(stopAfter));
            Assert.That(decoder.BytesDecoded, Is.EqualTo(decoded));
        }

        static int Count(byte[] bytes)
        {
            RecordingHandler all = new();
            new FrameDecoder(strictGoAway: false).Decode(bytes, all);
            return all.Calls;
        }
    }
}
