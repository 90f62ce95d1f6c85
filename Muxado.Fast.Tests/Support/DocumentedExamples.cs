using System.Text.RegularExpressions;

namespace Muxado.Fast.Tests.Support;

/// <summary>The C# blocks of a Markdown page.</summary>
internal static partial class DocumentedExamples
{
    /// <param name="page">Its path in the repository.</param>
    public static IEnumerable<(int Line, string Code)> Of(string page)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, page));
        foreach (Match match in CSharpBlock().Matches(text))
            yield return (text.AsSpan(0, match.Index).Count('\n') + 1, match.Groups["code"].Value);
    }

    [GeneratedRegex(@"^```csharp\r?\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();
}
