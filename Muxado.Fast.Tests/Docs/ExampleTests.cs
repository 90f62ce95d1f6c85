using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Docs;

/// <summary>The examples of the pages are programs: each one compiles as it stands there, runs, and ends by itself.</summary>
public sealed class ExampleTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private static readonly string[] s_pages =
    [
        "README.md",
        "Muxado.Fast/README.md",
        "Muxado.Fast.AspNetCore/README.md",
        "docs/migrating-from-go-muxado.md",
        "docs/migrating-from-nerdbank-streams.md",
    ];

    private static IEnumerable<TestCaseData> Examples() =>
        from page in s_pages
        from example in DocumentedExamples.Of(page)
        select new TestCaseData(page, example.Code).SetArgDisplayNames($"{page} line {example.Line}");

    [TestCaseSource(nameof(s_pages))]
    public void A_page_has_examples(string page) => Assert.That(DocumentedExamples.Of(page), Is.Not.Empty, $"{page} has no csharp block");

    [Test]
    public void The_package_s_page_begins_with_the_readme_s_first_example() =>
        Assert.That(DocumentedExamples.Of("Muxado.Fast/README.md").First().Code, Is.EqualTo(DocumentedExamples.Of("README.md").First().Code));

    [TestCaseSource(nameof(Examples))]
    public async Task An_example_compiles_runs_and_ends(string page, string code)
    {
        var context = new AssemblyLoadContext(page, isCollectible: true);
        try
        {
            var program = Compile(page, code, context).EntryPoint!;
            object?[] arguments = program.GetParameters().Length == 0 ? [] : [Array.Empty<string>()];

            await Task.Run(() => program.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null)).WaitAsync(s_patience);
        }
        finally
        {
            context.Unload();
        }
    }

    private static Assembly Compile(string page, string code, AssemblyLoadContext context)
    {
        using var image = new MemoryStream();
        var result = Compiling.Create([(page, code)], OutputKind.ConsoleApplication).Emit(image);
        Assert.That(Compiling.Errors(result.Diagnostics), Is.Empty);
        image.Position = 0;
        return context.LoadFromStream(image);
    }
}
