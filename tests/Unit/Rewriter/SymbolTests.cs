using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Emit;
using Verify.Rewriter;

namespace Verify.Tests.Unit.Rewriter;

public class SymbolTests
{
    private const string Source =
        """
        class C
        {
            static volatile int v;
            static int M(int n)
            {
                int local = n;
                v = local;
                if (n > 2)
                {
                    local += v;
                    throw new InvalidOperationException();
                }
                return local;
            }
        }
        """;

    [Theory]
    [InlineData(DebugInformationFormat.PortablePdb, OptimizationLevel.Debug)]
    [InlineData(DebugInformationFormat.PortablePdb, OptimizationLevel.Release)]
    [InlineData(DebugInformationFormat.Embedded, OptimizationLevel.Debug)]
    public void Stack_traces_name_the_original_lines(DebugInformationFormat format, OptimizationLevel optimization)
    {
        Rewritten program = Rewritten.Of(Snippet.Compile(Source, format, optimization));

        var thrown = Assert.Throws<InvalidOperationException>(() => program.Run("M", "C", 3));

        Assert.Contains("Snippet.cs:line 11", thrown.StackTrace!, StringComparison.Ordinal);
        Assert.Equal(format == DebugInformationFormat.Embedded, program.Image.Pdb is null);
        Assert.Equal([7], program.Run("M", "C", 1).Sites.Select(s => s.Line));
    }

    [Theory]
    [InlineData(DebugInformationFormat.PortablePdb)]
    [InlineData(DebugInformationFormat.Embedded)]
    public void Sequence_points_locals_and_scopes_survive(DebugInformationFormat format)
    {
        Snippet before = Snippet.Compile(Source, format, OptimizationLevel.Debug);
        Rewritten after = Rewritten.Of(before);

        Assert.Equal(Describe(before.Pe, before.Pdb), Describe(after.Image.Pe, after.Image.Pdb));
    }

    [Fact]
    public void The_same_input_gives_the_same_bytes()
    {
        Snippet snippet = Snippet.Compile(Source);
        RewrittenImage first = AssemblyRewriter.RewriteInMemory("Snippet.dll", snippet.Pe, snippet.Pdb, Rewritten.TestOptions);
        RewrittenImage second = AssemblyRewriter.RewriteInMemory("elsewhere/Snippet.dll", snippet.Pe, snippet.Pdb, Rewritten.TestOptions);

        Assert.Equal(first.Pe, second.Pe);
        Assert.Equal(first.Pdb, second.Pdb);
    }

    [Fact]
    public void The_original_module_version_is_recorded_and_a_new_one_given()
    {
        Snippet snippet = Snippet.Compile(Source);
        Rewritten program = Rewritten.Of(snippet);

        using var original = new PEReader(new MemoryStream(snippet.Pe));
        MetadataReader metadata = original.GetMetadataReader();
        Guid mvid = metadata.GetGuid(metadata.GetModuleDefinition().Mvid);
        object mark = Assert.Single(program.Assembly.GetCustomAttributes(typeof(Verify.Checker.RewrittenAttribute), false));
        Assert.Equal(mvid.ToString("D"), ((Verify.Checker.RewrittenAttribute)mark).OriginalModuleVersion);
        Assert.Equal(mvid, program.Result.OriginalModuleVersion);
        Assert.NotEqual(mvid, program.Assembly.ManifestModule.ModuleVersionId);
    }

    // Per method: local names in scope, and each visible line once in order.
    private static List<string> Describe(byte[] pe, byte[]? pdb)
    {
        using var image = new PEReader(new MemoryStream(pe));
        MetadataReader names = image.GetMetadataReader();
        using MetadataReaderProvider provider = pdb is not null
            ? MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(pdb))
            : image.ReadEmbeddedPortablePdbDebugDirectoryData(
                image.ReadDebugDirectory().Single(d => d.Type == DebugDirectoryEntryType.EmbeddedPortablePdb));
        MetadataReader symbols = provider.GetMetadataReader();
        List<string> lines = [];
        foreach (MethodDefinitionHandle handle in names.MethodDefinitions)
        {
            string name = names.GetString(names.GetMethodDefinition(handle).Name);
            MethodDebugInformation debug = symbols.GetMethodDebugInformation(handle.ToDebugInformationHandle());
            IEnumerable<string> locals = symbols.GetLocalScopes(handle)
                .SelectMany(s => symbols.GetLocalScope(s).GetLocalVariables())
                .Select(v => symbols.GetString(symbols.GetLocalVariable(v).Name));
            string points = debug.SequencePointsBlob.IsNil
                ? ""
                : string.Join(" ", debug.GetSequencePoints().Select(p => p.IsHidden ? "hidden" : $"{p.StartLine}:{p.StartColumn}"));
            if (points.Length > 0)
            {
                lines.Add($"{name} [{string.Join(",", locals)}] {points}");
            }
        }

        return lines;
    }
}
