using System.Text;
using Muxado.Fast.Bench.Cli;
using Muxado.Fast.Bench.Record;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Bench.Record;

/// <summary>The part of a page between its markers is replaced, and not a byte of the rest.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class MarkedSectionTests
{
    private const string Begin = "<!-- perf:begin -->";
    private const string End = "<!-- perf:end -->";

    // What a text of another encoding has in it, and a byte order mark.
    private static readonly byte[] s_strangeBytes = [0xEF, 0xBB, 0xBF, 0xFF, 0x80, (byte)'\r', (byte)'\n'];

    [Test]
    public void Only_what_is_between_the_markers_changes()
    {
        byte[] page = [.. s_strangeBytes, .. Bytes($"before {Begin}old\r\nlines{End} after, without a line's end"), .. s_strangeBytes];

        var replaced = MarkedSection.Replace(page, "README.md", "new é\n");

        byte[] expected = [.. s_strangeBytes, .. Bytes($"before {Begin}\nnew é\n{End} after, without a line's end"), .. s_strangeBytes];
        Assert.That(replaced, Is.EqualTo(expected));
    }

    [Test]
    public void Replacing_by_the_same_changes_nothing()
    {
        var once = MarkedSection.Replace(Bytes($"a{Begin}{End}b"), "README.md", "the table");

        Assert.That(MarkedSection.Replace(once, "README.md", "the table"), Is.EqualTo(once));
    }

    [TestCase("nothing", "has no <!-- perf:begin -->")]
    [TestCase(Begin, "has no <!-- perf:end -->")]
    [TestCase(End + Begin, "has <!-- perf:end --> before <!-- perf:begin -->")]
    [TestCase(Begin + Begin + End, "has <!-- perf:begin --> more than once")]
    [TestCase(Begin + End + End, "has <!-- perf:end --> more than once")]
    public void A_page_without_the_two_markers_is_refused(string page, string explanation)
    {
        var failure = Assert.Throws<CommandFailedException>(() => MarkedSection.Check(Bytes(page), "some/README.md"))!;

        Assert.That(failure.Message, Does.StartWith($"some/README.md {explanation}"));
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
