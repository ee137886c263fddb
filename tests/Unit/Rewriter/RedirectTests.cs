using Verify.Checker.Runtime;
using Verify.Rewriter;

namespace Verify.Tests.Unit.Rewriter;

public class RedirectTests
{
    private static void Check(string source, object? expected, params string[] sites)
    {
        foreach (Microsoft.CodeAnalysis.OptimizationLevel level in Enum.GetValues<Microsoft.CodeAnalysis.OptimizationLevel>())
        {
            Rewritten program = Rewritten.Source(source, optimization: level);
            (object? result, IReadOnlyList<Site> called) = program.Run();
            Assert.Equal(expected, result);
            Assert.Equal(sites, Rewritten.Lines(called));
            Assert.Empty(program.Result.Refused);
        }
    }

    [Fact]
    public void A_static_call_goes_to_its_shim_with_its_line() => Check(
        """
        class C
        {
            static int s;
            static int M()
            {
                Volatile.Write(ref s, 5);
                return Interlocked.Increment(ref s);
            }
        }
        """,
        6,
        "6 Volatile.Write",
        "7 Interlocked.Increment");

    [Fact]
    public void Constructors_instance_members_and_properties_go_to_their_shims() => Check(
        """
        class C
        {
            static bool M()
            {
                int x = 0;
                var t = new Thread(() => x = 7);
                t.Start();
                t.Join();
                return x == 7 && Thread.CurrentThread != null;
            }
        }
        """,
        true,
        "6 Thread.new",
        "7 Thread.Start",
        "8 Thread.Join",
        "9 Thread.CurrentThread");

    [Fact]
    public void A_lock_statement_enters_and_exits_also_when_the_body_throws() => Check(
        """
        class C
        {
            static readonly object o = new();
            static string M()
            {
                try
                {
                    lock (o)
                    {
                        throw new InvalidOperationException("x");
                    }
                }
                catch (InvalidOperationException e)
                {
                    return e.Message + Monitor_IsFree();
                }
            }
            static bool Monitor_IsFree() { lock (o) { return true; } }
        }
        """,
        "xTrue",
        "8 Monitor.Enter",
        "10 Monitor.Exit",
        "18 Monitor.Enter",
        "18 Monitor.Exit");

    [Fact]
    public void Generic_methods_keep_their_arguments_also_those_of_the_enclosing_method_and_type() => Check(
        """
        class Box<T> where T : class
        {
            T v;
            public T Put(T x, T y) => Interlocked.CompareExchange(ref v, x, y);
            public T Get() => Volatile.Read(ref v);
        }
        enum E { A, B }
        class C
        {
            static U Swap<U>(ref U l, U n, U o) => Interlocked.CompareExchange(ref l, n, o);
            static string M()
            {
                var b = new Box<string>();
                b.Put("one", null);
                E e = E.A;
                Swap(ref e, E.B, E.A);
                return b.Get() + e;
            }
        }
        """,
        "oneB",
        "4 Interlocked.CompareExchange",
        "10 Interlocked.CompareExchange",
        "5 Volatile.Read");

    [Fact]
    public void Members_of_generic_types_go_to_generic_shim_classes_and_to_shims_with_leading_parameters() => Check(
        """
        class C
        {
            static T Both<T>(T x)
            {
                var a = new AsyncLocal<List<T>>();
                a.Value = new List<T> { x };
                var t = new ThreadLocal<T>(() => a.Value[0]);
                return t.Value;
            }
            static string M() => Both("s") + Both(3);
        }
        """,
        "s3",
        "5 AsyncLocal.new", "6 AsyncLocal.Value", "7 ThreadLocal.new", "8 ThreadLocal.Value", "7 AsyncLocal.Value",
        "5 AsyncLocal.new", "6 AsyncLocal.Value", "7 ThreadLocal.new", "8 ThreadLocal.Value", "7 AsyncLocal.Value");

    [Fact]
    public void A_struct_is_made_in_place_or_as_a_value_and_called_by_address() => Check(
        """
        class C
        {
            SpinLock f = new SpinLock(false);
            static SpinLock Make() => new SpinLock(true);
            static bool M()
            {
                var c = new C();
                bool taken = false;
                c.f.Enter(ref taken);
                c.f.Exit();
                SpinLock l = new SpinLock(true);
                bool also = false;
                l.Enter(ref also);
                return taken & also & Make().IsThreadOwnerTrackingEnabled_();
            }
        }
        static class X { public static bool IsThreadOwnerTrackingEnabled_(this SpinLock l) => true; }
        """,
        true,
        "3 SpinLock.new", "9 SpinLock.Enter", "10 SpinLock.Exit", "11 SpinLock.new", "13 SpinLock.Enter", "4 SpinLock.new");

    [Fact]
    public void Delegates_over_static_and_instance_members_call_the_shim_with_the_site_of_the_delegate() => Check(
        """
        delegate int Inc(ref int x);
        delegate T Cas<T>(ref T a, T b, T c);
        class C
        {
            static T Generic<T>(ref T l, T n)
            {
                Cas<T> cas = Interlocked.CompareExchange;
                return cas(ref l, n, l);
            }
            static unsafe string M()
            {
                int x = 1;
                Inc inc = Interlocked.Increment;
                inc(ref x);
                var t = new Thread(() => { });
                Action start = t.Start;
                Action join = t.Join;
                start();
                join();
                delegate*<ref int, int> p = &Interlocked.Increment;
                p(ref x);
                string s = "a";
                Generic(ref s, "b");
                return x + s;
            }
        }
        """,
        "3b",
        "13 Interlocked.Increment", "15 Thread.new", "16 Thread.Start", "17 Thread.Join", "20 Interlocked.Increment",
        "7 Interlocked.CompareExchange");

    [Fact]
    public void A_delegate_over_a_struct_member_works_on_its_box() => Check(
        """
        delegate void Enter(ref bool taken);
        class C
        {
            static bool M()
            {
                var l = new SpinLock(false);
                Enter enter = l.Enter;
                bool taken = false;
                enter(ref taken);
                return taken;
            }
        }
        """,
        true,
        "6 SpinLock.new",
        "7 SpinLock.Enter");

    [Fact]
    public void Lambdas_iterators_local_functions_switches_and_loops_are_rewritten() => Check(
        """
        class C
        {
            static int s;
            static IEnumerable<int> Many()
            {
                for (int i = 0; i < 2; i++)
                {
                    yield return Interlocked.Increment(ref s);
                }
            }
            static string M()
            {
                int Local(int v)
                {
                    switch (v)
                    {
                        case 1: return Volatile.Read(ref s);
                        case 2: Volatile.Write(ref s, 10); goto case 1;
                        case 3: return 30;
                        default: return -1;
                    }
                }
                Func<int> lambda = () => Interlocked.Exchange(ref s, 4);
                string r = string.Join(",", Many());
                return r + ";" + Local(2) + ";" + Local(3) + ";" + lambda() + ";" + Local(1);
            }
        }
        """,
        "1,2;10;30;10;4",
        "8 Interlocked.Increment", "8 Interlocked.Increment", "18 Volatile.Write", "17 Volatile.Read", "23 Interlocked.Exchange", "17 Volatile.Read");

    [Fact]
    public void A_call_through_a_constrained_type_parameter_takes_the_reference_not_its_address() => Check(
        """
        class C
        {
            static bool Use<T>(T t) where T : SemaphoreSlim
            {
                T local = t;
                ref T r = ref local;
                return r.Wait(0) && r.CurrentCount == 0;
            }
            static bool M() => Use(new SemaphoreSlim(1));
        }
        """,
        true,
        "9 SemaphoreSlim.new",
        "7 SemaphoreSlim.Wait");

    [Fact]
    public void Branches_over_many_rewritten_calls_still_arrive()
    {
        string body = string.Concat(Enumerable.Repeat("Interlocked.Increment(ref s); ", 200));
        Rewritten program = Rewritten.Source("class C { static int s; static int M(bool b) { if (b) { " + body + " } return s; } }");

        Assert.Equal(0, program.Run("M", "C", false).Result);
        Assert.Equal(200, program.Run("M", "C", true).Result);
    }

    [Fact]
    public void Nested_try_catch_finally_keep_their_boundaries() => Check(
        """
        class C
        {
            static int s;
            static string M()
            {
                string log = "";
                for (int i = 0; i < 3; i++)
                {
                    try
                    {
                        try { log += Interlocked.Increment(ref s); if (i == 1) throw new Exception("e"); if (i == 2) return log; }
                        finally { log += "f" + Volatile.Read(ref s); }
                    }
                    catch (Exception e) when (Volatile.Read(ref s) == 2) { log += e.Message; }
                }
                return "no";
            }
        }
        """,
        "1f12f2e3",
        "11 Interlocked.Increment", "12 Volatile.Read", "11 Interlocked.Increment", "14 Volatile.Read", "12 Volatile.Read",
        "11 Interlocked.Increment", "12 Volatile.Read");

    [Fact]
    public void A_member_that_is_passed_through_is_called_and_reported()
    {
        Rewritten program = Rewritten.Source("class C { static int M() { Interlocked.MemoryBarrier(); return 1; } }");

        Assert.Equal(1, program.Run().Result);
        SiteReport line = Assert.Single(program.Result.Report);
        Assert.Equal((SiteOutcome.PassedThrough, "System.Threading.Interlocked.MemoryBarrier", -1), (line.Outcome, line.Member, line.Number));
    }

    [Fact]
    public void A_type_of_the_program_with_a_framework_name_is_ordinary_code()
    {
        Rewritten program = Rewritten.Source(
            "namespace System.Threading { class Timer { public static int M2() => 3; } } class C { static int M() => Timer.M2(); }");

        Assert.Equal(3, program.Run().Result);
        Assert.Empty(program.Result.Report);
    }
}
