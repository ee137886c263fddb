using System.Runtime.Loader;
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

        (int before, List<string> failedBefore) = Load(path, pe);
        (int after, List<string> failedAfter) = Load(path, image.Pe);

        string[] broken = [.. failedAfter.Except(failedBefore)];
        Assert.True(broken.Length == 0, $"{broken.Length} methods no longer compile:\n" + string.Join("\n", broken.Take(10)));
        Assert.True(after >= before, $"{after} methods compile, {before} did before");
        Assert.True(before > 50, $"only {before} methods compile even before");
        if (plain)
        {
            Assert.True(image.Result.Count(SiteOutcome.Controlled) > 100);
        }
    }

    private static (int Compiled, List<string> Failed) Load(string path, byte[] pe)
    {
        var context = new AssemblyLoadContext(Path.GetFileName(path), isCollectible: true);
        context.Resolving += (_, name) => AppDomain.CurrentDomain.GetAssemblies()
            .FirstOrDefault(a => a.GetName().Name == name.Name && !a.IsCollectible);
        try
        {
            return IlGate.Jit(context.LoadFromStream(new MemoryStream(pe)));
        }
        finally
        {
            context.Unload();
        }
    }
}
