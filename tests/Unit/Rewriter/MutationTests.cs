using Verify.Checker.Exploration;
using Verify.Rewriter;
using Verify.Rewriter.Mutation;

namespace Verify.Tests.Unit.Rewriter;

/// <summary>Each operator turns a correct program into a wrong one that exploration finds, and leaves the rest of it alone.</summary>
public sealed class MutationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("verify-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Field names: _count for what must be 2 in the end, _data and _flag for publication.
    private static string Program(string add, string other = "add") => $$"""
        public sealed class AssertionFailureException(string message) : Exception(message);
        public sealed class C
        {
            private int _count, _data, _flag, _seen = 2;
            private volatile int _asked;
            private static volatile string s_said;
            private readonly object _gate = new();
            public static void M() => new C().Run();
            private void Run()
            {
                var a = new Thread(Add); var b = new Thread({{(other == "add" ? "Add" : "Other")}});
                a.Start(); b.Start(); a.Join(); b.Join();
                if ({{(other == "add" ? "_count" : "_seen")}} != 2) throw new AssertionFailureException("wrong in the end");
            }
            private void Add()
            {
                {{add}}
            }
            private void Other()
            {
                {{(other == "add" ? "" : other)}}
            }
        }
        """;

    public static TheoryData<string, string, string> Cases => new()
    {
        { "weaken-interlocked", "Interlocked.Increment(ref _count);", "add" },
        { "weaken-interlocked", "for (;;) { int old = Volatile.Read(ref _count); if (Interlocked.CompareExchange(ref _count, old + 1, old) == old) return; }", "add" },
        { "drop-lock", "lock (_gate) { int x = Volatile.Read(ref _count); Volatile.Write(ref _count, x + 1); }", "add" },
        { "shrink-lock-start", "lock (_gate)\n{\nint x = Volatile.Read(ref _count);\nVolatile.Write(ref _count, x + 1);\n}", "add" },
        { "shrink-lock-end", "lock (_gate)\n{\nint x = Volatile.Read(ref _count);\nVolatile.Write(ref _count, x + 1);\n}", "add" },
        { "swap-stores", "Volatile.Write(ref _data, 1);\nVolatile.Write(ref _flag, 1);", "if (Volatile.Read(ref _flag) == 1) _seen = Volatile.Read(ref _data) + 1;" },
        { "swap-stores", "if (_gate == null) return;\nVolatile.Write(ref _data, 1);\nInterlocked.Exchange(ref _flag, 1);", "if (Volatile.Read(ref _flag) == 1) _seen = Volatile.Read(ref _data) + 1;" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_defect_is_found_and_without_it_nothing_is(string name, string add, string other)
    {
        string path = Compile(Program(add, other));
        MutationSite site = MutationCatalog.Sites(path).Last(s => s.Mutation.Operator == name);

        Assert.Equal("C.Add()", site.Mutation.Method);
        Assert.True(site.Line > 0);
        Assert.Null(Explore(path, null).Failure);
        Assert.Equal("wrong in the end", Explore(path, site.Mutation).Failure?.Message);
    }

    [Theory]
    [InlineData("drop-barrier", "Interlocked.MemoryBarrier(); Volatile.WriteBarrier();", 2)]
    [InlineData("weaken-volatile", "Volatile.Write(ref _flag, Volatile.Read(ref _count));", 2)]
    [InlineData("weaken-volatile", "_asked = 1; _count = _asked;", 2)]
    [InlineData("weaken-volatile", "s_said = \"x\"; _count = s_said.Length;", 2)]
    [InlineData("drop-lock", "Monitor.Enter(_gate); Monitor.Exit(_gate);", 0)] // unpaired calls: which exit belongs to it is not known
    [InlineData("shrink-lock-end", "lock (_gate)\n{\nif (_count > 0) return;\n}", 0)] // nothing that can be moved
    [InlineData("shrink-lock-end", "lock (_gate)\n{\n_count = 1;\n}", 0)] // that would be all of it
    [InlineData("swap-stores", "int x = 0;\nx = Interlocked.Exchange(ref _flag, 1);\nVolatile.Write(ref _data, x);", 0)] // the second needs the first
    public void Places_are_those_where_the_defect_can_be_made(string name, string add, int expected)
    {
        string path = Compile(Program(add));
        MutationSite[] sites = [.. MutationCatalog.Sites(path).Where(s => s.Mutation.Operator == name && s.Mutation.Method == "C.Add()")];

        Assert.Equal(expected, sites.Length);
        foreach (MutationSite site in sites)
        {
            int before = Rewrite(path, null).Sites.Count, after = Rewrite(path, site.Mutation).Sites.Count;
            Assert.Equal(before - 1, after);
        }
    }

    [Fact]
    public void Every_defect_of_the_engine_gives_valid_code()
    {
        string engine = typeof(Verify.Engine.Execution.Machine).Assembly.Location;
        byte[] pe = File.ReadAllBytes(engine), pdb = File.ReadAllBytes(Path.ChangeExtension(engine, ".pdb"));
        MutationSite[] all = [.. MutationCatalog.Sites(engine)];
        Assert.True(all.Length > 100);
        foreach (var group in all.GroupBy(s => s.Mutation.Operator))
        {
            // One of each operator: the gate compiles the whole assembly each time.
            foreach (MutationSite site in (MutationSite[])[group.ElementAt(group.Count() / 2)])
            {
                RewrittenImage image = AssemblyRewriter.RewriteInMemory(engine, pe, pdb, new RewriteOptions { Mutation = site.Mutation });
                IlGate.AssertNoneBroken(site.Mutation.ToString(), pe, image.Pe);
            }
        }
    }

    [Fact]
    public void A_place_that_is_not_there_is_refused()
    {
        string path = Compile(Program("Interlocked.Increment(ref _count);"));

        RewriteException none = Assert.Throws<RewriteException>(() => Rewrite(path, new Mutation("weaken-interlocked", "C.Add()", 1)));
        RewriteException unknown = Assert.Throws<RewriteException>(() => Rewrite(path, new Mutation("drop-everything", "C.Add()", 0)));

        Assert.Contains("has 1 places", none.Message);
        Assert.Contains("no mutation operator", unknown.Message);
    }

    private string Compile(string source)
    {
        Snippet snippet = Snippet.Compile(source);
        string path = Path.Combine(_folder, "Snippet.dll");
        File.WriteAllBytes(path, snippet.Pe);
        File.WriteAllBytes(Path.ChangeExtension(path, ".pdb"), snippet.Pdb!);
        return path;
    }

    private static RewriteResult Rewrite(string path, Mutation? mutation) =>
        AssemblyRewriter.RewriteInMemory(path, new RewriteOptions { Mutation = mutation }).Result;

    private static ExplorationResult Explore(string path, Mutation? mutation)
    {
        Action body = Rewritten.Of(new Snippet(File.ReadAllBytes(path), File.ReadAllBytes(Path.ChangeExtension(path, ".pdb"))), new RewriteOptions { Mutation = mutation })
            .Assembly.GetType("C")!.GetMethod("M")!.CreateDelegate<Action>();
        return Explorer.Explore(body, new ExplorationOptions { Strategy = "portfolio", Schedules = 400 });
    }
}
