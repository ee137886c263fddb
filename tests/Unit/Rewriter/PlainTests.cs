using Verify.Checker.Runtime;
using Verify.Rewriter;

namespace Verify.Tests.Unit.Rewriter;

public class PlainTests
{
    private static readonly RewriteOptions s_plain = Rewritten.TestOptions with { PlainAccesses = true };

    private static void Check(string source, object? expected, params string[] sites)
    {
        foreach (Microsoft.CodeAnalysis.OptimizationLevel level in Enum.GetValues<Microsoft.CodeAnalysis.OptimizationLevel>())
        {
            Rewritten program = Rewritten.Source(source, s_plain, level);
            (object? result, IReadOnlyList<Site> called) = program.Run();
            Assert.Equal(expected, result);

            // The state of an iterator is the compiler's own, and moves about with the optimization level.
            Assert.Equal(sites, Rewritten.Lines(called.Where(s => s.Line > 0 && !s.Operation.Contains("__state", StringComparison.Ordinal))));
            IlGate.AssertJits(program.Assembly);
        }
    }

    [Fact]
    public void Instance_and_static_fields_are_seen() => Check(
        """
        class C
        {
            int i; static string s;
            static string M()
            {
                var c = new C();
                c.i = 3;
                s = "x";
                int i = c.i;
            return s + i;
            }
        }
        """,
        "x3",
        "7 store C.i", "8 store C.s", "9 load C.i", "10 load C.s");

    [Fact]
    public void Constructors_properties_and_field_initializers_after_the_base_call_are_seen() => Check(
        """
        class B { public B() { } }
        class C : B
        {
            int before = 1;
            int after;
            int P { get; set; }
            C() { after = before; P = 4; }
            static int M()
            {
                var c = new C();
                return c.after + c.P;
            }
        }
        """,
        5,
        "7 load C.before", "7 store C.after", "6 store C.<P>k__BackingField", "11 load C.after", "6 load C.<P>k__BackingField");

    [Fact]
    public void Array_elements_of_every_kind_are_seen() => Check(
        """
        class C
        {
            static T Generic<T>(T[] a, T v) { a[0] = v; return a[0]; }
            static string M()
            {
                var b = new byte[2]; var d = new double[1]; var s = new string[1]; var n = new nint[1]; var g = new Guid[1];
                b[1] = 200;
                d[0] = 1.5;
                s[0] = "q";
                n[0] = -1;
                g[0] = default;
                double e = d[0];
                Guid h = g[0];
                return $"{(int)b[1]},{e}{s[0]}{(long)n[0]}{h == default}{Generic(new string[1], "z")}{Generic(new int[1], 8)}";
            }
        }
        """,
        "200,1.5q-1Truez8",
        "7 store [byte]", "8 store [double]", "9 store [string]", "10 store [nint]", "11 store (System.Guid)",
        "12 load [double]", "13 load [System.Guid]", "14 load [byte]", "14 load [string]", "14 load [nint]",
        "3 store [T]", "3 load [T]", "3 store [T]", "3 load [T]");

    [Fact]
    public void Arrays_with_several_dimensions_are_seen() => Check(
        """
        class C
        {
            static int M()
            {
                var a = new int[2, 3];
                a[1, 2] = 6;
                return a[1, 2];
            }
        }
        """,
        6,
        "6 store [,int]", "7 load [,int]");

    [Fact]
    public void Refs_spans_pointers_and_structs_in_place_are_seen() => Check(
        """
        struct S { public int a, b; }
        unsafe class C
        {
            S s;
            static void Bump(ref int r) => r++;
            static int M()
            {
                var c = new C();
                Bump(ref c.s.a);
                c.s.b = 5;
                int x = 0;
                int* p = &x;
                *p = 2;
                S copy = c.s;
                c.s = default;
                Span<int> span = new int[2];
                span[1] = 7;
                return copy.a + copy.b + *p + span[1] + c.s.a;
            }
        }
        """,
        15,
        "5 load (int)", "5 store (int)", "10 store S.b", "13 store (int)", "14 load C.s", "15 store (S)",
        "17 store (int)", "18 load (int)", "18 load (int)", "18 load S.a");

    [Fact]
    public void Closures_and_iterators_are_seen() => Check(
        """
        class C
        {
            static IEnumerable<int> Two(int n)
            {
                yield return n;
            }
            static int M()
            {
                int captured = 1;
                Action a = () => captured += 2;
                a();
                foreach (int i in Two(4)) { captured += i; }
                return captured;
            }
        }
        """,
        7,
        "9 store <>c__DisplayClass1_0.captured",
        "10 load <>c__DisplayClass1_0.captured", "10 store <>c__DisplayClass1_0.captured",
        "5 load <Two>d__0.n", "5 store <Two>d__0.<>2__current",
        "12 load <>c__DisplayClass1_0.captured", "12 store <>c__DisplayClass1_0.captured",
        "13 load <>c__DisplayClass1_0.captured");

    [Fact]
    public void An_array_of_a_derived_type_still_refuses_a_wrong_element()
    {
        Rewritten program = Rewritten.Source("class C { static void M(object[] a, object v) => a[0] = v; }", s_plain);
        object[] array = new string[1];

        Assert.Throws<ArrayTypeMismatchException>(() => program.Run("M", "C", array, 1));
        Assert.Throws<IndexOutOfRangeException>(() => program.Run("M", "C", Array.Empty<string>(), "x"));
        Assert.Throws<NullReferenceException>(() => program.Run("M", "C", null, "x"));
        program.Run("M", "C", array, "fits");
        program.Run("M", "C", array, null);
        Assert.Null(array[0]);
    }

    [Fact]
    public void A_volatile_field_of_a_temporary_struct_stays_as_it_is()
    {
        Rewritten program = Rewritten.Source(
            "struct S { public volatile int v; } class C { static S[] a = new S[1]; static int M() => a[0].v + Copy().v; static S Copy() => a[0]; }",
            s_plain);

        Assert.Equal(0, program.Run().Result);
    }

    [Theory]
    [InlineData("class C { static readonly int r = Make(); static int Make() => 1; static int M() => r; }", "load C.r", "static and read-only")]
    [InlineData("class C { static int r = Make(); static int Make() => 1; }", "store C.r", "in a static constructor")]
    [InlineData("class C { int i = 3; }", "store C.i", "whose base constructor has not run")]
    [InlineData("struct S { public int a; } class C { static S Make() => default; static int M() => Make().a; }", "load S.a", "temporary")]
    [InlineData("struct S { public int a; } class C { static int M() { S s; s.a = 1; return s.a; } }", "store S.a", "own frame")]
    [InlineData("ref struct R { public int a; } class C { static int M(ref R r) => r.a; }", "load R.a", "of a ref struct")]
    [InlineData(
        "class C { static int M(ref Span<int> s) => N(s); static int N(Span<int> s) => 1; }",
        "load (System.Span<int>)", "of a ref struct or a ref")]
    [InlineData("class C { static Func<int> M() => () => 1; }", "load <>c.<>9__0_0", "a cache made by the compiler")]
    [InlineData(
        "[System.Runtime.CompilerServices.InlineArray(2)] struct I { int e; } class C { static I f; static I M() => f; }",
        "load C.f", "inline array")]
    public void What_is_left_alone_is_reported_with_its_reason(string source, string access, string reason)
    {
        Rewritten program = Rewritten.Source(source, s_plain);

        Assert.Contains(
            program.Result.Report,
            r => r.Outcome == SiteOutcome.Skipped && r.Member == access && r.Reason.Contains(reason, StringComparison.Ordinal));
        IlGate.AssertJits(program.Assembly);
    }

    [Fact]
    public void Without_the_option_plain_accesses_are_neither_redirected_nor_reported()
    {
        Rewritten program = Rewritten.Source("class C { int i; static int M() { var c = new C(); c.i = 3; return c.i; } }");

        Assert.Equal(3, program.Run().Result);
        Assert.Empty(program.Result.Report);
    }
}
