using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace Verify.Tests.Unit.Rewriter;

/// <summary>C# source compiled to an assembly in memory.</summary>
internal sealed record Snippet(byte[] Pe, byte[]? Pdb)
{
    internal const string FileName = "Snippet.cs";

    private static readonly Lazy<MetadataReference[]> s_framework = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => Path.GetDirectoryName(p) == Path.GetDirectoryName(typeof(object).Assembly.Location))
            .Select(p => MetadataReference.CreateFromFile(p))]);

    internal static Snippet Compile(
        string source,
        DebugInformationFormat? symbols = DebugInformationFormat.PortablePdb,
        OptimizationLevel optimization = OptimizationLevel.Release,
        string name = "Snippet",
        CSharpCompilationOptions? options = null,
        params byte[][] references)
    {
        string text = "using System; using System.Collections.Generic; using System.Threading; " + source;
        CSharpCompilation compilation = CSharpCompilation.Create(
            name,
            [CSharpSyntaxTree.ParseText(SourceText.From(text, Encoding.UTF8), new CSharpParseOptions(LanguageVersion.Preview), FileName)],
            [.. s_framework.Value, .. references.Select(r => MetadataReference.CreateFromImage(r))],
            (options ?? new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary))
                .WithAllowUnsafe(true).WithOptimizationLevel(optimization).WithDeterministic(true));
        using var pe = new MemoryStream();
        using var pdb = new MemoryStream();
        bool separate = symbols is not null and not DebugInformationFormat.Embedded;
        EmitOptions? emit = symbols is { } format ? new EmitOptions(debugInformationFormat: format) : null;
        EmitResult result = compilation.Emit(pe, separate ? pdb : null, options: emit);
        Assert.True(result.Success, string.Join("\n", result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)));
        return new Snippet(pe.ToArray(), separate ? pdb.ToArray() : null);
    }
}
