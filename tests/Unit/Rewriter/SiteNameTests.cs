namespace Verify.Tests.Unit.Rewriter;

public class SiteNameTests
{
    private const string Body =
        """
        namespace N
        {
            class Outer<T>
            {
                static int s;
                class Inner { static void M(T x, List<int[]> y, ref T z) => Interlocked.Increment(ref s); }
                static void G<U>(U u) => Interlocked.Increment(ref s);
                static void G(int u) => Interlocked.Increment(ref s);
                static void Lambdas(int captured)
                {
                    Action a = () => Interlocked.Increment(ref s);
                    Action b = () => { captured++; Interlocked.Increment(ref s); Interlocked.Increment(ref s); };
                    void Local(string t) => Interlocked.Increment(ref s);
                    Local("");
                }
                static IEnumerable<int> Iterator() { yield return Interlocked.Increment(ref s); }
                int P { get => Interlocked.Increment(ref s); }
                public static implicit operator int(Outer<T> o) => Interlocked.Increment(ref s);
                public static implicit operator string(Outer<T> o) => "" + Interlocked.Increment(ref s);
                static unsafe void Pointers(int* p, delegate*<int, void> f) => Interlocked.Increment(ref s);
            }
        }
        """;

    private static readonly string[] s_names =
    [
        "N.Outer<T>.G<U>(U)#0",
        "N.Outer<T>.G(int)#0",
        "N.Outer<T>.get_P()#0",
        "N.Outer<T>.op_Implicit(N.Outer<T>):int#0",
        "N.Outer<T>.op_Implicit(N.Outer<T>):string#0",
        "N.Outer<T>.Pointers(int*,delegate*<int,void>)#0",
        "N.Outer<T>.Lambdas.Local(string)#0",
        "N.Outer<T>.Inner.M(T,System.Collections.Generic.List<int[]>,T&)#0",
        "N.Outer<T>.Lambdas.lambda0()#0",
        "N.Outer<T>.Lambdas.lambda1()#0",
        "N.Outer<T>.Lambdas.lambda1()#1",
        "N.Outer<T>.Iterator.MoveNext()#0",
    ];

    private static string[] Names(string source) => [.. Rewritten.Source(source).Result.Sites
        .Where(s => s.Operation != "Environment.CurrentManagedThreadId") // of iterators
        .Select(s => s.StableName)];

    [Fact]
    public void Names_say_where_a_site_is_in_the_source_and_are_unique()
    {
        string[] names = Names(Body);

        Assert.Equal(s_names.Order(), names.Order());
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    [Fact]
    public void Names_survive_methods_lambdas_and_types_added_before_them()
    {
        string edited = Body.Replace(
            "static int s;",
            "static void New(Action a) { New(() => a()); IEnumerable<int> L() { yield return 1; } } class Newer { } static int s;",
            StringComparison.Ordinal);

        Assert.Equal(s_names.Order(), Names(edited).Order());
    }

    [Fact]
    public void Overloads_whose_lambdas_share_a_name_are_told_apart_by_rank() => Assert.Equal(
        ["C.M.lambda0()#0", "C.M.lambda0()@2#0"],
        Names(
            """
            class C
            {
                static int s;
                static Action M(int a) => () => s = Interlocked.Increment(ref s);
                static Action M(long a) => () => Interlocked.Increment(ref s);
            }
            """));

    [Fact]
    public void Numbers_follow_methods_and_positions_whatever_pass_made_the_site()
    {
        Rewritten program = Rewritten.Source(
            """
            class C
            {
                static volatile int v;
                static int s;
                static void A() { v = 1; Interlocked.Increment(ref s); _ = Guid.NewGuid(); v = 2; s = 3; }
                static void B() { Func<bool> a = Thread.Yield; a(); s = v; }
            }
            """,
            Rewritten.TestOptions with { PlainAccesses = true });

        Assert.Equal(
            ["A 0 volatile store C.v", "A 1 Interlocked.Increment", "A 2 System.Guid.NewGuid", "A 3 volatile store C.v", "A 4 store C.s",
                "B 0 Thread.Yield", "B 1 volatile load C.v", "B 2 store C.s"],
            program.Result.Sites.Select(s => $"{s.Method[2]} {s.Ordinal} {s.Operation}"));
        Assert.Equal(Enumerable.Range(0, 8), program.Result.Report.Where(r => r.Number >= 0).Select(r => r.Number));
    }
}
