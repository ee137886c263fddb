using Verify.Checker.Runtime;
using Verify.Rewriter;
using Verify.Tests.Unit.Rewriter.Shims;

namespace Verify.Tests.Unit.Rewriter;

public class UncontrolledTests
{
    [Theory]
    [InlineData("new Timer(_ => { });", "System.Threading.Timer..ctor")]
    [InlineData("Timer t = null; t.Change(0, 0);", "System.Threading.Timer.Change")]
    [InlineData("ThreadPool.QueueUserWorkItem(_ => { });", "System.Threading.ThreadPool.QueueUserWorkItem")]
    [InlineData("System.Threading.Tasks.Task.Run(() => { });", "System.Threading.Tasks.Task.Run")]
    [InlineData("Action<int> a = i => { }; System.Threading.Tasks.Parallel.For(0, 2, a);", "System.Threading.Tasks.Parallel.For")]
    [InlineData("new System.Timers.Timer();", "System.Timers.Timer..ctor")]
    [InlineData("new System.Collections.Concurrent.ConcurrentQueue<int>();", "System.Collections.Concurrent.ConcurrentQueue..ctor")]
    [InlineData("System.Threading.Channels.Channel.CreateUnbounded<int>();", "System.Threading.Channels.Channel.CreateUnbounded")]
    [InlineData("lock (new Lock()) { }", "System.Threading.Lock..ctor", "System.Threading.Lock.EnterScope", "System.Threading.Lock.Scope.Dispose")]
    [InlineData("System.Diagnostics.Process.GetCurrentProcess();", "System.Diagnostics.Process.GetCurrentProcess")]
    [InlineData("Console.ReadLine();", "System.Console.ReadLine")]
    [InlineData("System.IO.File.ReadAllBytes(\"x\");", "System.IO.File.ReadAllBytes")]
    [InlineData("_ = DateTime.Now;", "System.DateTime.Now")]
    [InlineData("_ = DateTime.UtcNow;", "System.DateTime.UtcNow")]
    [InlineData("_ = System.Diagnostics.Stopwatch.GetTimestamp();", "System.Diagnostics.Stopwatch.GetTimestamp")]
    [InlineData("_ = Environment.TickCount64;", "System.Environment.TickCount64")]
    [InlineData("_ = Guid.NewGuid();", "System.Guid.NewGuid")]
    [InlineData("_ = new Random();", "System.Random..ctor")]
    [InlineData("_ = Random.Shared;", "System.Random.Shared")]
    [InlineData("_ = ExecutionContext.Capture();", "System.Threading.ExecutionContext.Capture")]
    [InlineData("System.Linq.ParallelEnumerable.AsParallel(new int[1]);", "System.Linq.ParallelEnumerable.AsParallel")]
    [InlineData("Func<DateTimeOffset> f = TimeProvider.System.GetUtcNow; f();", "System.TimeProvider.System", "System.TimeProvider.GetUtcNow")]
    [InlineData("Func<Guid> f = Guid.NewGuid;", "System.Guid.NewGuid")]
    [InlineData("typeof(C).GetMethod(\"M\").Invoke(null, null);", "System.Reflection.MethodBase.Invoke")]
    public void An_unmodelled_call_is_refused_and_throws_when_reached(string statement, params string[] members)
    {
        Rewritten program = Rewritten.Source("class C { static void M() { " + statement + " } }");

        Assert.Equal(members, program.Result.Refused.Select(r => r.Member));
        Assert.All(program.Result.Refused, r => Assert.Equal(("Snippet.cs", 1, "C.M()"), (r.File, r.Line, r.Method)));
        var reached = Assert.Throws<ReachedException>(() => program.Run());
        Assert.Equal(members[0], reached.Message);
    }

    [Theory]
    [InlineData("ThreadStart s = () => { }; s();", "System.Threading.ThreadStart..ctor", "System.Threading.ThreadStart.Invoke")]
    [InlineData(
        "_ = new SemaphoreFullException(); _ = new BarrierPostPhaseException();",
        "System.Threading.SemaphoreFullException..ctor",
        "System.Threading.BarrierPostPhaseException..ctor")]
    [InlineData("_ = new SynchronizationLockException();", "System.Threading.SynchronizationLockException..ctor")]
    public void A_call_known_to_be_harmless_is_passed_through(string statement, params string[] members)
    {
        Rewritten program = Rewritten.Source("class C { static void M() { " + statement + " } }");

        program.Run();
        Assert.Equal(members, program.Result.Report.Select(r => r.Member));
        Assert.All(program.Result.Report, r => Assert.Equal(SiteOutcome.PassedThrough, r.Outcome));
    }

    [Theory]
    [InlineData("_ = new Random(1).Next();")]
    [InlineData("_ = Math.Max(1, 2); _ = new List<int>(); _ = string.Join(\",\", 1, 2);")]
    [InlineData("_ = new DateTime(2000, 1, 1);")]
    public void Ordinary_calls_are_not_reported(string statement) =>
        Assert.Empty(Rewritten.Source("class C { static void M() { " + statement + " } }").Result.Report);

    [Theory]
    [InlineData("System.Threading.Timer")]
    [InlineData("System.Threading.Timer.Change")]
    public void A_type_or_member_allowed_by_name_is_called_and_reported(string allowed)
    {
        Rewritten program = Rewritten.Source(
            "class C { static void M(Timer t) { t.Change(-1, -1); } }",
            Rewritten.TestOptions with { AllowedUncontrolled = new HashSet<string> { allowed } });

        Assert.Empty(program.Result.Refused);
        Assert.Equal(SiteOutcome.Allowed, Assert.Single(program.Result.Report).Outcome);
        Assert.Throws<NullReferenceException>(() => program.Run("M", "C", [null]));
    }

    [Fact]
    public void A_member_of_a_shimmed_type_without_a_shim_is_refused()
    {
        Rewritten program = Rewritten.Source("class C { static long s; static void M() => Interlocked.Increment(ref s); }");

        SiteReport refused = Assert.Single(program.Result.Refused);
        Assert.Equal("System.Threading.Interlocked.Increment", refused.Member);
        Assert.Contains("no shim stands in", refused.Reason, StringComparison.Ordinal);
        Assert.Throws<ReachedException>(() => program.Run());
    }

    [Fact]
    public void Thread_static_fields_are_passed_through_since_each_controlled_thread_gets_its_own()
    {
        Rewritten program = Rewritten.Source("class C { [ThreadStatic] static int t; static int M() => t; }");

        Assert.Empty(program.Result.Refused);
        Assert.Equal(("C.t", SiteOutcome.PassedThrough), program.Result.Report.Select(r => (r.Member, r.Outcome)).Single());
        Assert.True(Assert.Single(program.Result.StaticFields).ThreadStatic);
    }

    [Fact]
    public void Thread_static_fields_of_generic_types_are_refused_where_they_are_used()
    {
        Rewritten program = Rewritten.Source("class G<T> { [ThreadStatic] internal static int t; } class C { static int M() => G<int>.t; }");

        Assert.Equal("G.t", Assert.Single(program.Result.Refused).Member);
        Assert.Throws<ReachedException>(() => program.Run());
    }

    [Fact]
    public void Methods_locked_by_the_runtime_are_refused_when_entered()
    {
        Rewritten program = Rewritten.Source(
            "using System.Runtime.CompilerServices; class C { [MethodImpl(MethodImplOptions.Synchronized)] static int M() => 1; }");

        Assert.Contains("use a lock statement", Assert.Single(program.Result.Refused).Reason, StringComparison.Ordinal);
        Assert.Throws<ReachedException>(() => program.Run());
    }

    [Fact]
    public void Finalizers_are_refused_by_name_but_not_made_to_throw()
    {
        Rewritten program = Rewritten.Source("class C { ~C() { } static int M() { new C(); return 1; } }");

        SiteReport refused = Assert.Single(program.Result.Refused);
        Assert.Equal(("C.Finalize", -1), (refused.Member, refused.Number));
        Assert.Equal(1, program.Run().Result);
    }

    [Fact]
    public void Deriving_from_a_controlled_type_is_refused()
    {
        Rewritten program = Rewritten.Source("class S() : SemaphoreSlim(1); class C { static void M() => new S(); }");

        Assert.Contains("derives from a controlled type", Assert.Single(program.Result.Refused).Reason, StringComparison.Ordinal);
        Assert.Throws<ReachedException>(() => program.Run());
    }

    [Fact]
    public void Native_code_is_refused()
    {
        Rewritten program = Rewritten.Source(
            "using System.Runtime.InteropServices; class C { [DllImport(\"libc\")] static extern int getpid(); static int M() => getpid(); }");

        Assert.Equal("C.getpid", Assert.Single(program.Result.Refused).Member);
        Assert.Throws<ReachedException>(() => program.Run());
    }

    [Fact]
    public void A_struct_used_through_an_interface_is_judged_by_its_own_type()
    {
        Rewritten program = Rewritten.Source("class C { static void M() { using (default(CancellationTokenRegistration)) { } } }");

        Assert.Equal(["System.Threading.CancellationTokenRegistration.Dispose"], program.Result.Refused.Select(r => r.Member));
        Assert.Throws<ReachedException>(() => program.Run());
    }

    [Fact]
    public void An_async_method_is_valid_after_rewriting_and_refused_when_it_runs()
    {
        Rewritten program = Rewritten.Source(
            """
            using System.Threading.Tasks;
            class C
            {
                static volatile int v;
                static async Task<int> A() { try { v = 1; await Task.Yield(); v = 2; } catch (Exception) { v = 3; } return v; }
                static void M() => A();
            }
            """);

        Assert.Contains(program.Result.Refused, r => r.Member == "System.Threading.Tasks.Task.Yield");
        Assert.Throws<ReachedException>(() => program.Run());
        IlGate.AssertJits(program.Assembly);
    }

    [Fact]
    public void An_async_method_whose_machinery_is_allowed_runs_with_its_own_sites()
    {
        Rewritten program = Rewritten.Source(
            """
            using System.Threading.Tasks;
            class C
            {
                static volatile int v;
                static async Task<int> A()
                {
                    try { v = 1; await Task.CompletedTask; throw new Exception(); }
                    catch (Exception) { v += 3; }
                    finally { v++; }
                    return v;
                }
                static int M() => A().GetAwaiter().GetResult();
            }
            """,
            Rewritten.TestOptions with
            {
                AllowedUncontrolled = new HashSet<string>
                {
                    "System.Threading.Tasks.Task", "System.Runtime.CompilerServices.AsyncTaskMethodBuilder",
                    "System.Runtime.CompilerServices.TaskAwaiter",
                },
            });

        (object? result, IReadOnlyList<Site> sites) = program.Run();

        Assert.Empty(program.Result.Refused);
        Assert.Equal(5, result);
        Assert.Equal([7, 8, 8, 9, 9, 10], sites.Select(s => s.Line));
        Assert.All(sites, s => Assert.Equal("C.A.MoveNext()", s.Method));
    }

    [Fact]
    public void Assemblies_outside_the_set_are_named()
    {
        Snippet library = Snippet.Compile("public class L { public static int F() => 1; }", name: "Library");
        Rewritten program = Rewritten.Of(Snippet.Compile("class C { static int M() => L.F(); }", references: library.Pe));

        Assert.Equal(["Library"], program.Result.UnrewrittenReferences);
    }

    [Fact]
    public void The_table_is_readable_and_every_line_of_it_has_a_reason()
    {
        Assert.All(
            UncontrolledMembers.Text.Split('\n').Where(l => l.Trim().Length > 0 && !l.StartsWith('#')),
            l => Assert.Matches(@"^(pass|refuse) +\S+ \| \S.*$", l.TrimEnd()));
    }

    [Fact]
    public void Mutable_static_fields_are_listed()
    {
        Rewritten program = Rewritten.Source(
            """
            class A { static int a; static readonly List<int> list = new(); const int K = 1; static readonly int[] array = { 1 }; }
            class B { static int b; static readonly string s = "x"; public static int P { get; set; } static Func<int> L() => () => 1; }
            """);

        Assert.Equal(
            ["A.a int ro=False reset=True", "A.list System.Collections.Generic.List<int> ro=True reset=True", "A.array int[] ro=True reset=True",
                "B.b int ro=False reset=True", "B.P int ro=False reset=True"],
            program.Result.StaticFields.Select(f => $"{f.Type}.{f.Name} {f.FieldType} ro={f.ReadOnly} reset={f.Resettable}"));
    }
}
