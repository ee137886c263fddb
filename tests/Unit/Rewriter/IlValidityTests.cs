using Verify.Rewriter;

namespace Verify.Tests.Unit.Rewriter;

/// <summary>Whole assemblies made by several compilers are rewritten, and every method that compiled before still does.</summary>
public class IlValidityTests
{
    public static TheoryData<string, bool> Assemblies()
    {
        var data = new TheoryData<string, bool>();
        foreach (Type type in (Type[])
            [typeof(AssemblyRewriter), typeof(Mono.Cecil.ModuleDefinition), typeof(FsCheck.Gen<int>),
                typeof(System.Collections.Concurrent.ConcurrentBag<int>), typeof(System.Threading.Channels.Channel)])
        {
            data.Add(type.Assembly.Location, false);
            data.Add(type.Assembly.Location, true);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Every_method_still_compiles(string path, bool plain)
    {
        RewriteOptions options = Rewritten.TestOptions with { PlainAccesses = plain };
        (byte[] pe, byte[]? pdb) = (File.ReadAllBytes(path), File.Exists(Path.ChangeExtension(path, ".pdb"))
            ? File.ReadAllBytes(Path.ChangeExtension(path, ".pdb")) : null);
        RewrittenImage image = AssemblyRewriter.RewriteInMemory(path, pe, pdb, options);

        Assert.True(IlGate.AssertNoneBroken(Path.GetFileName(path), pe, image.Pe) > 50);
        if (plain)
        {
            Assert.True(image.Result.Count(SiteOutcome.Controlled) > 100);
        }
    }
}
