using System.Text;
using Muxado.Fast.Bench.Cli;

namespace Muxado.Fast.Bench.Record;

/// <summary>The part of a page that is written by program: what stands between its two markers.</summary>
/// <remarks>Works on bytes, so that whatever else the page has, in whatever encoding, stays as it is.</remarks>
internal static class MarkedSection
{
    public const string Begin = "<!-- perf:begin -->";
    public const string End = "<!-- perf:end -->";

    /// <summary>Fails when the page does not have both markers, each once and in order.</summary>
    public static void Check(ReadOnlySpan<byte> page, string path) => _ = Find(page, path);

    /// <summary>The page with other lines between the markers.</summary>
    public static byte[] Replace(ReadOnlySpan<byte> page, string path, string content)
    {
        var (start, end) = Find(page, path);
        return [.. page[..start], .. Encoding.UTF8.GetBytes($"\n{content.Trim('\n')}\n"), .. page[end..]];
    }

    private static (int Start, int End) Find(ReadOnlySpan<byte> page, string path)
    {
        var begin = Single(page, path, Begin);
        var end = Single(page, path, End);
        return end > begin
            ? (begin + Begin.Length, end)
            : throw new CommandFailedException($"{path} has {End} before {Begin}; put them in order");
    }

    private static int Single(ReadOnlySpan<byte> page, string path, string marker)
    {
        var bytes = Encoding.UTF8.GetBytes(marker);
        var index = page.IndexOf(bytes);
        if (index < 0)
            throw new CommandFailedException($"{path} has no {marker}; put {Begin} and {End} around the place for the performance table");
        return page[(index + bytes.Length)..].IndexOf(bytes) < 0
            ? index
            : throw new CommandFailedException($"{path} has {marker} more than once; leave one");
    }
}
