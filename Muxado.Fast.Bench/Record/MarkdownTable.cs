using System.Text;

namespace Muxado.Fast.Bench.Record;

/// <summary>A table of a Markdown page, with columns of numbers aligned to the right.</summary>
internal sealed class MarkdownTable
{
    private readonly StringBuilder _text = new();

    /// <param name="headings">Of numbers, those that end with a colon, which is not shown.</param>
    public MarkdownTable(params string[] headings)
    {
        Add([.. headings.Select(heading => heading.TrimEnd(':'))]);
        Add([.. headings.Select(heading => heading.EndsWith(':') ? "---:" : "---")]);
    }

    public void Add(params string[] cells) => _text.Append("| ").AppendJoin(" | ", cells.Select(Escape)).Append(" |\n");

    public override string ToString() => _text.ToString();

    private static string Escape(string cell) => cell.Replace("|", "\\|", StringComparison.Ordinal);
}
