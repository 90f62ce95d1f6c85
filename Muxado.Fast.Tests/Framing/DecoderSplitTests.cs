using CsCheck;
using Muxado.Fast.Framing;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Framing;

/// <summary>Where the transport cuts the bytes must make no difference.</summary>
public sealed class DecoderSplitTests
{
    [Test]
    public void The_script_is_read_in_one_piece() => AssertScriptIsRead([]);

    [Test]
    public void The_script_is_read_byte_by_byte() => AssertScriptIsRead([.. Enumerable.Range(1, FrameScript.Bytes.Length - 1)]);

    [Test]
    public void The_script_is_read_with_any_one_cut()
    {
        for (int cut = 0; cut <= FrameScript.Bytes.Length; cut++)
            AssertScriptIsRead([cut]);
    }

    [Test]
    public void The_script_is_read_with_any_two_cuts()
    {
        for (int first = 0; first <= FrameScript.Bytes.Length; first++)
        {
            for (int second = first; second <= FrameScript.Bytes.Length; second++)
                AssertScriptIsRead([first, second]);
        }
    }

    [Test]
    public void Only_an_end_inside_a_frame_counts_as_mid_frame()
    {
        for (int end = 0; end <= FrameScript.Bytes.Length; end++)
        {
            FrameDecoder decoder = new(strictGoAway: false);
            decoder.Decode(FrameScript.Bytes.AsSpan(0, end), new RecordingHandler());

            Assert.That(decoder.IsMidFrame, Is.EqualTo(!FrameScript.CleanEnds.Contains(end)), $"at offset {end}");
            Assert.That(decoder.BytesDecoded, Is.EqualTo(end));
        }
    }

    [Test]
    public void Goaway_is_told_before_its_debug_bytes_come()
    {
        FrameDecoder decoder = new(strictGoAway: false);
        RecordingHandler handler = new();

        decoder.Decode(FrameScript.Hex("000c0026 00000000 00000002 00000003"), handler);

        Assert.That(handler.Lines, Is.EqualTo(new[] { "GOAWAY last 2 code 3" }));
    }

    [Test]
    public void Data_is_told_as_it_comes_and_not_collected()
    {
        FrameDecoder decoder = new(strictGoAway: false);
        RecordingHandler handler = new();

        decoder.Decode(FrameScript.Hex("00050003 00000005 6865"), handler);

        Assert.That(handler.UnfinishedPayloadBytes, Is.EqualTo(2));
    }

    [Test]
    public void Any_frames_cut_anywhere_are_read_as_in_one_piece() =>
        Gen.Select(GenFrames.Script, GenFrames.Cuts).Sample((script, cuts) =>
        {
            (IReadOnlyList<string> lines, bool isAlive) = Read(script, cuts, strictGoAway: false);
            return isAlive && lines.SequenceEqual(Read(script, [], strictGoAway: false).Lines);
        });

    [Test]
    public void Garbage_cut_anywhere_is_read_as_in_one_piece() =>
        Gen.Select(GenFrames.Garbage, GenFrames.Cuts, Gen.Bool).Sample((bytes, cuts, strict) =>
        {
            (IReadOnlyList<string> lines, bool isAlive) = Read(bytes, cuts, strict);
            (IReadOnlyList<string> expected, bool expectedAlive) = Read(bytes, [], strict);
            return isAlive == expectedAlive && lines.SequenceEqual(expected);
        });

    private static void AssertScriptIsRead(int[] cuts)
    {
        (IReadOnlyList<string> lines, bool isAlive) = Read(FrameScript.Bytes, cuts, strictGoAway: false);
        if (!isAlive || !lines.SequenceEqual(FrameScript.Lines))
            Assert.That(lines, Is.EqualTo(FrameScript.Lines), $"cut at {string.Join(", ", cuts)}");
    }

    private static (IReadOnlyList<string> Lines, bool IsAlive) Read(byte[] bytes, int[] cuts, bool strictGoAway)
    {
        FrameDecoder decoder = new(strictGoAway);
        RecordingHandler handler = new();
        int start = 0;
        bool isAlive = true;
        foreach (int end in cuts.Where(c => c <= bytes.Length).Order().Append(bytes.Length))
        {
            isAlive = decoder.Decode(bytes.AsSpan(start..end), handler);
            start = end;
        }

        return (handler.Lines, isAlive);
    }
}
