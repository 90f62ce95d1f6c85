using System.Reflection;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Docs;

/// <summary>The examples of README.md are programs: each one compiles as it stands there, runs, and ends by itself.</summary>
public sealed partial class ReadmeSnippetTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private static string ReadmePath => Path.Combine(Repository.Root, "README.md");

    private static IEnumerable<TestCaseData> Snippets()
    {
        if (!File.Exists(ReadmePath))
            yield break;

        var text = File.ReadAllText(ReadmePath);
        foreach (Match match in CSharpBlock().Matches(text))
        {
            var line = text.AsSpan(0, match.Index).Count('\n') + 1;
            yield return new TestCaseData(match.Groups["code"].Value).SetArgDisplayNames($"README.md line {line}");
        }
    }

    [Test]
    public void The_readme_has_examples()
    {
        Assert.That(Snippets(), Is.Not.Empty, $"{ReadmePath} has no csharp block");
    }

    [TestCaseSource(nameof(Snippets))]
    public async Task An_example_compiles_runs_and_ends(string code)
    {
        var context = new AssemblyLoadContext("README", isCollectible: true);
        try
        {
            var program = Compile(code, context).EntryPoint!;
            object?[] arguments = program.GetParameters().Length == 0 ? [] : [Array.Empty<string>()];

            await Task.Run(() => program.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null)).WaitAsync(s_patience);
        }
        finally
        {
            context.Unload();
        }
    }

    private static Assembly Compile(string code, AssemblyLoadContext context)
    {
        using var image = new MemoryStream();
        var result = Compiling.Create([("README.md", code)], OutputKind.ConsoleApplication).Emit(image);
        Assert.That(Compiling.Errors(result.Diagnostics), Is.Empty);
        image.Position = 0;
        return context.LoadFromStream(image);
    }

    [GeneratedRegex(@"^```csharp\r?\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();
}
