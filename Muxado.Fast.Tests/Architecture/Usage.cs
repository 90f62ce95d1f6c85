using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Muxado.Fast.Tests.Support;

namespace Muxado.Fast.Tests.Architecture;

/// <summary>One mention of a type or member in the product's sources, resolved by the compiler.</summary>
/// <param name="Place">The file and line.</param>
/// <param name="User">The room of the code that mentions it.</param>
/// <param name="UserType">The outermost type of the code that mentions it.</param>
/// <param name="Used">The room of what is mentioned, or null if it is not the product's own.</param>
/// <param name="Type">The mentioned type, or the type of the mentioned member.</param>
/// <param name="Member">The mentioned member's name, or null.</param>
internal sealed record Usage(string Place, string User, string UserType, string? Used, string Type, string? Member)
{
    public const string Root = "(root)";

    private const string RootNamespace = "Muxado.Fast";

    private static readonly Lazy<IReadOnlyList<Usage>> s_all = new(() => [.. Find("DEBUG").Union(Find("RELEASE"))]);

    /// <summary>Every mention in code, in debug as in release builds. What only <c>nameof</c> or a comment mentions does not count.</summary>
    public static IReadOnlyList<Usage> All => s_all.Value;

    public override string ToString() => $"{Place}: {User} mentions {Type}{(Member is null ? "" : "." + Member)}";

    private static IEnumerable<Usage> Find(string configuration)
    {
        var compilation = Compiling.Create(
            Repository.ProductSources(), OutputKind.DynamicallyLinkedLibrary, without: RootNamespace, configuration);
        var errors = string.Join('\n', Compiling.Errors(compilation.GetDiagnostics()));
        if (errors.Length > 0)
            throw new InvalidOperationException($"The product's sources do not compile on their own:\n{errors}");

        foreach (var tree in compilation.SyntaxTrees)
        {
            var model = compilation.GetSemanticModel(tree);
            foreach (var name in tree.GetRoot().DescendantNodes(node => !IsNameOf(node)).OfType<SimpleNameSyntax>())
            {
                if (model.GetSymbolInfo(name).Symbol is { } symbol
                    && OutermostType(model.GetEnclosingSymbol(name.SpanStart)) is { } userType
                    && (symbol as INamedTypeSymbol ?? symbol.ContainingType) is { } type)
                {
                    var line = tree.GetLineSpan(name.Span).StartLinePosition.Line + 1;
                    yield return new Usage(
                        $"{tree.FilePath}:{line}",
                        RoomOf(userType)!,
                        userType.Name,
                        RoomOf(type),
                        type.OriginalDefinition.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat),
                        symbol is INamedTypeSymbol ? null : symbol.Name);
                }
            }
        }
    }

    private static bool IsNameOf(SyntaxNode node) =>
        node is InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "nameof" } };

    private static INamedTypeSymbol? OutermostType(ISymbol? symbol)
    {
        var type = symbol as INamedTypeSymbol ?? symbol?.ContainingType;
        while (type?.ContainingType is { } outer)
            type = outer;

        return type;
    }

    private static string? RoomOf(INamedTypeSymbol type)
    {
        if (type.IsTupleType || type.DeclaringSyntaxReferences.IsEmpty)
            return null;

        var name = type.ContainingNamespace.ToDisplayString();
        return name == RootNamespace ? Root : name[(RootNamespace.Length + 1)..];
    }
}
