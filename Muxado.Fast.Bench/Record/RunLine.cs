using System.Buffers;
using System.Globalization;
using Muxado.Fast.Bench.Compare;

namespace Muxado.Fast.Bench.Record;

/// <summary>When, of what, and where a run was, in a sentence; and the name of its folder.</summary>
internal static class RunLine
{
    private const int ShortCommitLength = 7;
    private const string UnknownCommit = "unknown";

    private static readonly SearchValues<char> s_hexDigits = SearchValues.Create("0123456789abcdef");

    public static string Date(Figures figures) => figures.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The first seven digits of what follows the + of a version; "unknown" where there was no repository to build from.</summary>
    public static string ShortCommit(Figures figures)
    {
        var commit = figures.Commit.AsSpan(figures.Commit.IndexOf('+', StringComparison.Ordinal) + 1);
        return commit.Length > ShortCommitLength && !commit.ContainsAnyExcept(s_hexDigits)
            ? commit[..ShortCommitLength].ToString()
            : UnknownCommit;
    }

    public static string FolderName(Figures figures) => $"{Date(figures)}-{ShortCommit(figures)}";

    public static string Describe(Figures figures)
    {
        var changes = figures.WorkingTree == WorkingTree.Dirty ? " with uncommitted changes" : "";
        var machine = figures.Machine;
        var minutes = string.Create(CultureInfo.InvariantCulture, $"{figures.ElapsedSeconds / 60:0} min");
        var time = figures.Quick ? $"a quick look of {minutes}" : minutes;
        return $"{Date(figures)}, commit {ShortCommit(figures)}{changes}, {machine.Processors} processors, {machine.Runtime}, "
            + $"congestion control {machine.CongestionControl}, {time}.";
    }
}
