using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>The debug text of a GOAWAY is the one text of a peer's that a log shows.</summary>
public sealed class DisguisedTextTests
{
    [TestCase('\n')]
    [TestCase('\r')]
    [TestCase('\u0085', Description = "next line")]
    [TestCase('\u2028', Description = "line separator")]
    [TestCase('\u2029', Description = "paragraph separator")]
    [TestCase('\u001b', Description = "escape")]
    [TestCase('\u009b', Description = "control sequence")]
    [TestCase('\u202e', Description = "right to left from here")]
    [TestCase('\u200b', Description = "zero-width space")]
    [TestCase('"')]
    public void What_a_peer_says_is_shown_as_a_part_of_one_line(char trick)
    {
        var text = new StringWriter { NewLine = "\n" };
        var frame = Frames.GoAway(3, 0, $"good{trick}bye");

        new MuxadoFrameLog(text).OnFrame(new MuxadoFrame { Type = MuxadoFrameType.GoAway, Bytes = frame.Bytes.Span });

        Assert.That(text.ToString(), Does.EndWith($"says \"good.bye\"{Environment.NewLine}"));
    }
}
