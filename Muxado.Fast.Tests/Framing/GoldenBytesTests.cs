using Muxado.Fast.Framing;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Framing;

/// <summary>Bytes captured from the Go implementation, both ways.</summary>
public sealed class GoldenBytesTests
{
    [TestCase(3u, 0x7fffffffu, 0xfffffeffu, "00080601 00000003 7fffffff fffffeff")]
    [TestCase(2u, 0x7fffffffu, 0xfffffeffu, "00080601 00000002 7fffffff fffffeff")]
    [TestCase(5u, 5u, 7u, "00080601 00000005 00000005 00000007")]
    [TestCase(9u, 0u, 0u, "00000001 00000009")]
    [TestCase(9u, 1u, 0u, "00040201 00000009 00000001")]
    [TestCase(9u, 0u, 1u, "00040401 00000009 00000001")]
    public void Syn_is_written_and_read_as_Go_does(uint id, uint priority, uint streamType, string hex)
    {
        byte[] bytes = new byte[Wire.MaxSynBytes];
        int written = FrameEncoder.WriteSyn(bytes, id, priority, streamType);

        Assert.That(bytes[..written], Is.EqualTo(FrameScript.Hex(hex)));
        AssertReadsAs(hex, $"SYN {id} priority {priority:x} type {streamType:x}");
    }

    [TestCase(5u, "68656c6c6f", false, "00050003 00000005 68656c6c6f")]
    [TestCase(5u, "627965", true, "00030103 00000005 627965")]
    [TestCase(5u, "", true, "00000103 00000005")]
    [TestCase(2u, "00000000", false, "00040003 00000002 00000000")]
    public void Data_is_written_and_read_as_Go_does(uint id, string payload, bool fin, string hex)
    {
        byte[] header = new byte[Wire.HeaderBytes];
        int written = FrameEncoder.WriteDataHeader(header, id, payload.Length / 2, fin);

        Assert.That(written, Is.EqualTo(Wire.HeaderBytes));
        Assert.That((byte[])[.. header, .. FrameScript.Hex(payload)], Is.EqualTo(FrameScript.Hex(hex)));
        AssertReadsAs(hex, $"DATA {id} {payload}{(fin ? " FIN" : "")}");
    }

    [Test]
    public void Fin_can_be_added_to_a_written_data_header()
    {
        byte[] late = new byte[Wire.HeaderBytes];
        byte[] early = new byte[Wire.HeaderBytes];
        FrameEncoder.WriteDataHeader(late, 5, 3, fin: false);
        FrameEncoder.WriteDataHeader(early, 5, 3, fin: true);

        FrameEncoder.SetFin(late);

        Assert.That(late, Is.EqualTo(early));
    }

    [Test]
    public void Window_increment_is_written_and_read_as_Go_does()
    {
        byte[] bytes = new byte[Wire.WindowIncrementBytes];

        Assert.That(FrameEncoder.WriteWindowIncrement(bytes, 5, 5), Is.EqualTo(Wire.WindowIncrementBytes));
        Assert.That(bytes, Is.EqualTo(FrameScript.Hex("00040004 00000005 00000005")));
        AssertReadsAs("00040004 00000005 00000005", "WND_INC 5 +5");
    }

    [Test]
    public void Rst_is_written_and_read_as_Go_does()
    {
        byte[] bytes = new byte[Wire.RstBytes];

        Assert.That(FrameEncoder.WriteRst(bytes, 5, MuxadoErrorCode.Cancel), Is.EqualTo(Wire.RstBytes));
        Assert.That(bytes, Is.EqualTo(FrameScript.Hex("00040002 00000005 00000007")));
        AssertReadsAs("00040002 00000005 00000007", "RST 5 code 7");
    }

    [TestCase("", "00080026 00000000 00000002 00000003")]
    [TestCase("646562756721", "000e0026 00000000 00000002 00000003 646562756721")]
    public void Our_GOAWAY_tells_the_truth_and_marks_it(string debug, string hex)
    {
        byte[] bytes = new byte[Wire.GoAwayFixedBytes + Wire.MaxGoAwayDebugBytes];
        int written = FrameEncoder.WriteGoAway(bytes, 2, MuxadoErrorCode.FlowControlError, FrameScript.Hex(debug));

        Assert.That(bytes[..written], Is.EqualTo(FrameScript.Hex(hex)));
        AssertReadsAs(hex, debug.Length == 0 ? ["GOAWAY last 2 code 3"] : ["GOAWAY last 2 code 3", $"debug {debug}"]);
    }

    [Test]
    public void More_debug_than_a_peer_must_keep_is_refused()
    {
        byte[] bytes = new byte[Wire.MaxFrameBytes];

        Assert.That(() => FrameEncoder.WriteGoAway(bytes, 2, MuxadoErrorCode.NoError, new byte[Wire.MaxGoAwayDebugBytes + 1]),
            Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [TestCase("00000101 00000007", "SYN 7 priority 0 type 0 FIN")]
    [TestCase("001f0006 00000000 00000002 00000000", "GOAWAY last 2 code 0", Description = "Go's Close()")]
    [TestCase("00160006 00000000 00000002 00000003", "GOAWAY last 2 code 3", Description = "Go's GoAway(3, \"debug!\")")]
    public void What_only_Go_sends_is_read(string hex, string line) => AssertReadsAs(hex, line);

    private static void AssertReadsAs(string hex, params string[] lines)
    {
        FrameDecoder decoder = new(strictGoAway: false);
        RecordingHandler handler = new();

        Assert.That(decoder.Decode(FrameScript.Hex(hex), handler), Is.True);
        Assert.That(handler.Lines, Is.EqualTo(lines));
        Assert.That(decoder.IsMidFrame, Is.False);
    }
}
