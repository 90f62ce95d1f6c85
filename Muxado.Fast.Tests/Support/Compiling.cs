using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Muxado.Fast.Tests.Support;

/// <summary>Compiles sources in memory as the projects do: nullable, unsafe allowed, implicit usings, everything at hand referenced.</summary>
internal static class Compiling
{
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    /// <param name="sources">The files, each with the name that shows in error messages.</param>
    /// <param name="kind">A library, or a program with top-level statements.</param>
    /// <param name="without">An assembly that must not be referenced, because the sources are its own.</param>
    /// <param name="symbols">Preprocessor symbols.</param>
    public static CSharpCompilation Create(
        IEnumerable<(string Path, string Text)> sources, OutputKind kind, string? without = null, params string[] symbols)
    {
        var parsing = new CSharpParseOptions(LanguageVersion.Latest, preprocessorSymbols: [.. symbols, "NET", "NET10_0"]);
        var trees = sources
            .Append(("ImplicitUsings.cs", ImplicitUsings))
            .Select(source => CSharpSyntaxTree.ParseText(source.Item2, parsing, source.Item1));
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => without is null || Path.GetFileNameWithoutExtension(path) != without)
            .Select(path => MetadataReference.CreateFromFile(path));
        var options = new CSharpCompilationOptions(kind, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable);
        return CSharpCompilation.Create(without ?? "Snippet", trees, references, options);
    }

    /// <summary>What keeps a compilation from being valid, one line each.</summary>
    public static IEnumerable<string> Errors(IEnumerable<Diagnostic> diagnostics) =>
        diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(diagnostic => diagnostic.ToString());
}
