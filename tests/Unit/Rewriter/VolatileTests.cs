using Verify.Checker.Runtime;
using Verify.Rewriter;

namespace Verify.Tests.Unit.Rewriter;

public class VolatileTests
{
    private static void Check(string source, object? expected, params string[] sites)
    {
        foreach (Microsoft.CodeAnalysis.OptimizationLevel level in Enum.GetValues<Microsoft.CodeAnalysis.OptimizationLevel>())
        {
            Rewritten program = Rewritten.Source(source, optimization: level);
            (object? result, IReadOnlyList<Site> called) = program.Run();
            Assert.Equal(expected, result);
            Assert.Equal(sites, Rewritten.Lines(called));
        }
    }

    [Fact]
    public void Instance_and_static_volatile_fields_of_every_kind_are_loaded_and_stored_by_the_shim() => Check(
        """
        enum E : byte { A, B }
        class C
        {
            volatile bool b; volatile sbyte s8; static volatile ushort u16; volatile float f; volatile E e; static volatile string s;
            volatile nint n;
            static string M()
            {
                var c = new C();
                c.b = true;
                c.s8 = -3;
                u16 = 65535;
                c.f = 1.5f;
                c.e = E.B;
                s = "x";
                c.n = -1;
                return $"{c.b}{c.s8}{u16}{c.f}{c.e}{s}{c.n}";
            }
        }
        """,
        "True-3655351.5Bx-1",
        "9 volatile store C.b", "10 volatile store C.s8", "11 volatile store C.u16", "12 volatile store C.f", "13 volatile store C.e",
        "14 volatile store C.s", "15 volatile store C.n",
        "16 volatile load C.b", "16 volatile load C.s8", "16 volatile load C.u16", "16 volatile load C.f", "16 volatile load C.e",
        "16 volatile load C.s", "16 volatile load C.n");

    [Fact]
    public void Compound_assignment_and_increment_of_a_volatile_field_load_and_store() => Check(
        """
        class C
        {
            volatile int i;
            static int M()
            {
                var c = new C();
                c.i += 5;
                c.i++;
                return c.i;
            }
        }
        """,
        6,
        "7 volatile load C.i", "7 volatile store C.i", "8 volatile load C.i", "8 volatile store C.i", "9 volatile load C.i");

    [Fact]
    public void Volatile_fields_of_structs_are_reached_through_their_address_and_generic_ones_by_their_argument() => Check(
        """
        struct S { public volatile int v; }
        class Box<T> where T : class { public volatile T v; public static volatile T s; }
        class C
        {
            S[] a = new S[2];
            S f;
            static string M()
            {
                var c = new C();
                c.a[1].v = 3;
                c.f.v = 4;
                ref S r = ref c.f;
                var b = new Box<string>();
                b.v = "g";
                Box<object>.s = b;
                return $"{c.a[1].v}{r.v}{b.v}{Box<object>.s == b}";
            }
        }
        """,
        "34gTrue",
        "10 volatile store S.v", "11 volatile store S.v", "14 volatile store Box.v", "15 volatile store Box.s",
        "16 volatile load S.v", "16 volatile load S.v", "16 volatile load Box.v", "16 volatile load Box.s");

    [Fact]
    public void A_volatile_field_of_a_temporary_struct_is_read_as_it_is()
    {
        Rewritten program = Rewritten.Source(
            "struct S { public volatile int v; } class C { static S Make() { var s = new S(); s.v = 2; return s; } static int M() => Make().v; }");

        (object? result, IReadOnlyList<Site> sites) = program.Run();

        Assert.Equal(2, result);
        Assert.Equal(["1 volatile store S.v"], Rewritten.Lines(sites));
        Assert.Contains(program.Result.Report, r => r is { Outcome: SiteOutcome.PassedThrough, Member: "volatile load S.v" });
    }

    [Fact]
    public void Pointers_volatile_by_field_type_travel_as_native_integers() => Check(
        """
        unsafe class C
        {
            static volatile int* p;
            static int M()
            {
                int x = 9;
                p = &x;
                return *p;
            }
        }
        """,
        9,
        "7 volatile store C.p", "8 volatile load C.p");
}
