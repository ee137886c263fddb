using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Verify.Checker.Shims;
using Verify.Checker.Tracing;
using Verify.Rewriter;

namespace Verify.Tests.Unit.Rewriter;

public sealed class InputTests : IDisposable
{
    private const string Source = "class C { static int s; static int M() => Interlocked.Increment(ref s); }";

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Refused(string message, byte[] pe, byte[]? pdb = null, RewriteOptions? options = null)
    {
        var thrown = Assert.Throws<RewriteException>(
            () => AssemblyRewriter.RewriteInMemory("Snippet.dll", pe, pdb, options ?? Rewritten.TestOptions));
        Assert.Equal(message, thrown.Message);
    }

    private string Save(Snippet snippet, string name = "Snippet.dll")
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, snippet.Pe);
        if (snippet.Pdb is not null)
        {
            File.WriteAllBytes(Path.ChangeExtension(path, ".pdb"), snippet.Pdb);
        }

        return path;
    }

    [Fact]
    public void A_missing_file()
    {
        string path = Path.Combine(_folder, "Missing.dll");
        var thrown = Assert.Throws<RewriteException>(() => AssemblyRewriter.RewriteInMemory(path, Rewritten.TestOptions));
        Assert.Equal(path + " does not exist; build it first, or correct the path.", thrown.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MZ")]
    [InlineData("\u007fELF is not a portable executable, however long it goes on and on and on and on and on and on and on")]
    public void A_file_that_is_not_managed(string content) => Refused(
        "Snippet.dll is not a managed assembly; give the .dll that `dotnet build` made.", System.Text.Encoding.Latin1.GetBytes(content));

    [Fact]
    public void Mixed_mode_code()
    {
        byte[] pe = Patch(Snippet.Compile(Source).Pe, offset: 16, value: 0); // COR20 Flags without ILOnly
        Refused("Snippet.dll mixes managed and native code, which cannot be rewritten; move the managed part out of it.", pe);
    }

    [Fact]
    public void Code_compiled_ahead_of_time_without_IL()
    {
        byte[] pe = Snippet.Compile(Source).Pe;
        using var reader = new PEReader(new MemoryStream(pe));
        MetadataReader metadata = reader.GetMetadataReader();
        int firstMethod = reader.PEHeaders.MetadataStartOffset + metadata.GetTableMetadataOffset(TableIndex.MethodDef);
        BitConverter.TryWriteBytes(pe.AsSpan(firstMethod), 0); // its RVA

        Refused(
            "Snippet.dll is compiled ahead of time and has lost its IL; build without PublishReadyToRun.",
            Patch(pe, offset: 68, value: 1)); // COR20 ManagedNativeHeader.Size
    }

    [Fact]
    public void Code_compiled_ahead_of_time_with_IL_is_rewritten_and_noted()
    {
        string path = typeof(System.Collections.Concurrent.BlockingCollection<int>).Assembly.Location; // the framework ships compiled ahead of time
        using (var reader = new PEReader(File.OpenRead(path)))
        {
            Assert.NotEqual(0, reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size);
        }

        RewrittenImage image = AssemblyRewriter.RewriteInMemory(path, Rewritten.TestOptions);

        Assert.Contains(image.Result.Notes, n => n.Contains("its native code was dropped", StringComparison.Ordinal));
        using var rewritten = new PEReader(new MemoryStream(image.Pe));
        CorHeader header = rewritten.PEHeaders.CorHeader!;
        Assert.Equal(CorFlags.ILOnly, header.Flags);
        Assert.Equal(0, header.ManagedNativeHeaderDirectory.Size);
    }

    [Fact]
    public void A_reference_assembly() => Refused(
        "Snippet.dll is a reference assembly, which has no code; give the one in the bin folder, not the one in ref.",
        Snippet.Compile("[assembly: System.Runtime.CompilerServices.ReferenceAssembly] class C { }", symbols: null).Pe);

    [Fact]
    public void An_assembly_already_rewritten()
    {
        RewrittenImage once = Rewritten.Source(Source).Image;
        Refused("Snippet.dll is already rewritten; give the original that the build made.", once.Pe, once.Pdb);
    }

    [Fact]
    public void An_assembly_rewritten_by_another_tool() => Refused(
        "Snippet.dll is already rewritten by coyote rewrite; give the original that the build made.",
        Snippet.Compile(
            """
            [assembly: Microsoft.Coyote.Rewriting.RewritingSignature]
            namespace Microsoft.Coyote.Rewriting { class RewritingSignatureAttribute : Attribute { } }
            """,
            symbols: null).Pe);

    [Fact]
    public void A_netmodule() => Refused(
        "Snippet.dll is a netmodule, not an assembly; link it into an assembly first.",
        Snippet.Compile(Source, symbols: null, options: new CSharpCompilationOptions(OutputKind.NetModule)).Pe);

    [Fact]
    public void Damaged_metadata()
    {
        byte[] pe = Snippet.Compile(Source).Pe;
        using var reader = new PEReader(new MemoryStream(pe));
        pe.AsSpan(reader.PEHeaders.MetadataStartOffset + 32, 64).Fill(0xff);
        var thrown = Assert.Throws<RewriteException>(() => AssemblyRewriter.RewriteInMemory("Snippet.dll", pe, null, Rewritten.TestOptions));
        Assert.Matches(@"^Snippet\.dll has damaged metadata \(.*\); build it again\.$", thrown.Message);
    }

    [Fact]
    public void Symbols_of_another_build() => Refused(
        "The symbols of Snippet.dll belong to another build of it; build again, or delete the .pdb.",
        Snippet.Compile(Source).Pe,
        Snippet.Compile("class Other { }").Pdb);

    [Fact]
    public void Symbols_in_the_windows_format() => Refused(
        "The symbols of Snippet.dll are not in the portable format; build with <DebugType>portable</DebugType>, or delete the .pdb.",
        Snippet.Compile(Source).Pe,
        [.. "Microsoft C/C++ MSF 7.00\r\n"u8]);

    [Fact]
    public void Damaged_symbols()
    {
        Snippet snippet = Snippet.Compile(Source);
        byte[] pdb = snippet.Pdb![..^(snippet.Pdb!.Length / 2)];
        var thrown = Assert.Throws<RewriteException>(() => AssemblyRewriter.RewriteInMemory("Snippet.dll", snippet.Pe, pdb, Rewritten.TestOptions));
        Assert.Matches(@"^The symbols of Snippet\.dll are damaged \(.*\); build again, or delete the \.pdb\.$", thrown.Message);
    }

    [Fact]
    public void Missing_symbols_are_noted_and_names_stand_in_for_lines()
    {
        Rewritten program = Rewritten.Of(Snippet.Compile(Source, symbols: null));

        Assert.Equal(
            ["Snippet.dll has no symbols: reports name methods but no source lines; build with <DebugType>portable</DebugType>."],
            program.Result.Notes);
        Assert.Equal("C.M()#0", Assert.Single(program.Run().Sites).Place);
    }

    [Fact]
    public void A_strong_name_is_dropped_with_a_note_and_the_identity_kept()
    {
        using var key = new System.Security.Cryptography.RSACryptoServiceProvider(1024);
        string keyFile = Path.Combine(_folder, "key.snk");
        File.WriteAllBytes(keyFile, key.ExportCspBlob(includePrivateParameters: true));
        Snippet signed = Snippet.Compile(Source, options: new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, cryptoKeyFile: keyFile, strongNameProvider: new DesktopStrongNameProvider()));

        Rewritten program = Rewritten.Of(signed);

        Assert.Equal(1, program.Run().Result);
        byte[]? token = program.Assembly.GetName().GetPublicKeyToken();
        Assert.NotNull(token);
        Assert.NotEmpty(token);
        Assert.Contains(program.Result.Notes, n => n.Contains("strong-name signed: the signature was dropped", StringComparison.Ordinal));
    }

    [Fact]
    public void An_output_on_top_of_the_input()
    {
        string path = Save(Snippet.Compile(Source));
        var thrown = Assert.Throws<RewriteException>(() => AssemblyRewriter.Rewrite(path, path, Rewritten.TestOptions));
        Assert.Equal(path + " would overwrite itself, and could not be rewritten again; choose another output folder.", thrown.Message);
    }

    [Fact]
    public void Nothing_of_a_set_is_written_unless_all_of_it_can_be()
    {
        string good = Save(Snippet.Compile(Source));
        string output = Path.Combine(_folder, "out");

        Assert.Throws<RewriteException>(
            () => AssemblyRewriter.RewriteSet([good, Path.Combine(_folder, "Missing.dll")], output, Rewritten.TestOptions));
        Assert.False(Directory.Exists(output));
        Assert.Throws<RewriteException>(() => AssemblyRewriter.RewriteSet([good, good], output, Rewritten.TestOptions));
    }

    [Fact]
    public void A_set_is_written_with_its_symbols_and_works_together()
    {
        Snippet library = Snippet.Compile(
            "public class L { public static volatile int V; public static int F() => Interlocked.Increment(ref V); }", name: "Library");
        string a = Save(library, "Library.dll");
        string b = Save(Snippet.Compile("public class C { public static int M() { L.V = 4; return L.F(); } }", references: library.Pe));
        string output = Path.Combine(_folder, "out");

        IReadOnlyList<RewriteResult> results = AssemblyRewriter.RewriteSet([a, b], output, Rewritten.TestOptions);

        Assert.Equal(["Library.dll", "Library.pdb", "Snippet.dll", "Snippet.pdb"], Directory.GetFiles(output).Select(Path.GetFileName).Order());
        Assert.All(results, r => Assert.Empty(r.UnrewrittenReferences));
        var context = new System.Runtime.Loader.AssemblyLoadContext(null, isCollectible: true);
        context.LoadFromAssemblyPath(Path.Combine(output, "Library.dll"));
        object? result = null;
        IReadOnlyList<Verify.Checker.Runtime.Site> sites = Recorder.During(() => result = context
            .LoadFromAssemblyPath(Path.Combine(output, "Snippet.dll")).GetType("C")!.GetMethod("M")!.Invoke(null, null));
        Assert.Equal(5, result);
        Assert.Equal(["volatile store L.V", "Interlocked.Increment"], sites.Select(s => s.Operation));
        context.Unload();
    }

    [Fact]
    public void Streams_receive_what_files_would()
    {
        string path = Save(Snippet.Compile(Source));
        RewrittenImage image = AssemblyRewriter.RewriteInMemory(path, Rewritten.TestOptions);
        using var pe = new MemoryStream();
        using var pdb = new MemoryStream();

        AssemblyRewriter.Rewrite(path, pe, pdb, Rewritten.TestOptions);

        Assert.Equal(image.Pe, pe.ToArray());
        Assert.Equal(image.Pdb, pdb.ToArray());
    }

    [Fact]
    public void A_shim_set_without_a_needed_entry_point() => Refused(
        "The shim set has no public static VolatileShim.Store, which this assembly needs; add VolatileShim to the shim types.",
        Snippet.Compile("class C { volatile int v; void M() => v = 1; }").Pe,
        options: Rewritten.TestOptions with { ShimTypes = [typeof(Shims.InterlockedShim)] });

    [Theory]
    [InlineData(
        typeof(NoSuchMember),
        "NoSuchMember.Frobnicate(int&, int) stands in for no member of System.Threading.Interlocked; match its name and parameters, "
            + "see the remarks of ShimForAttribute.")]
    [InlineData(typeof(NoSite), "NoSite.Increment(int&) does not end with an int parameter for the site; add `int site`.")]
    [InlineData(typeof(NoSiteAtAll), "NoSiteAtAll.MemoryBarrier() does not end with an int parameter for the site; add `int site`.")]
    [InlineData(
        typeof(WrongReturn),
        "WrongReturn.Increment(int&, int) returns System.Void, but the member of System.Threading.Interlocked gives System.Int32; correct the shim.")]
    [InlineData(
        typeof(WrongPassThrough),
        "WrongPassThrough passes through Nothing, which System.Threading.Interlocked does not have; correct its PassThrough list.")]
    public void A_malformed_shim(Type shim, string message)
    {
        var thrown = Assert.Throws<RewriteException>(() => AssemblyRewriter.RewriteInMemory(
            "Snippet.dll", Snippet.Compile(Source).Pe, null, Rewritten.TestOptions with { ShimTypes = [shim] }));
        Assert.StartsWith(message, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_shim_classes_for_one_type() => Assert.Equal(
        "Two shim classes stand in for System.Threading.Interlocked; put the shims of one type into one class.",
        Assert.Throws<RewriteException>(() => AssemblyRewriter.RewriteInMemory(
            "Snippet.dll",
            Snippet.Compile(Source).Pe,
            null,
            Rewritten.TestOptions with { ShimTypes = [typeof(Shims.InterlockedShim), typeof(Another)] })).Message);

    [Fact]
    public void Every_shim_of_the_checker_stands_in_for_a_member()
    {
        RewrittenImage image = AssemblyRewriter.RewriteInMemory("Snippet.dll", Snippet.Compile(Source).Pe, null, new RewriteOptions());

        Assert.Equal("Interlocked.Increment", Assert.Single(image.Result.Sites).Operation);
    }

    // But for the one that counts what is written: it is for programs that are not explored.
    [Fact]
    public void Every_shim_class_of_the_checker_is_in_the_map() => Assert.Equal(
        typeof(VolatileShim).Assembly.GetExportedTypes().Where(t => t.Name.EndsWith("Shim", StringComparison.Ordinal) && t != typeof(ArrayClearShim))
            .Select(t => t.Name).Order(),
        RewriteMap.Default.Select(t => t.Name).Order());

    private static byte[] Patch(byte[] pe, int offset, int value)
    {
        using var reader = new PEReader(new MemoryStream(pe));
        BitConverter.TryWriteBytes(pe.AsSpan(reader.PEHeaders.CorHeaderStartOffset + offset), value);
        return pe;
    }

    [ShimFor(typeof(Interlocked))]
    public static class NoSuchMember
    {
        public static int Frobnicate(ref int location, int site) => location + site;
    }

    [ShimFor(typeof(Interlocked))]
    public static class NoSite
    {
        public static int Increment(ref int location) => location;
    }

    [ShimFor(typeof(Interlocked))]
    public static class NoSiteAtAll
    {
        public static void MemoryBarrier()
        {
        }
    }

    [ShimFor(typeof(Interlocked))]
    public static class WrongReturn
    {
        public static void Increment(ref int location, int site) => location = site;
    }

    [ShimFor(typeof(Interlocked))]
    [PassThrough("Nothing")]
    public static class WrongPassThrough
    {
    }

    [ShimFor(typeof(Interlocked))]
    public static class Another
    {
    }
}
