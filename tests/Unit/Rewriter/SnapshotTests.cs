using System.Runtime.CompilerServices;

namespace Verify.Tests.Unit.Rewriter;

/// <summary>The IL each pass makes, as text beside the tests: <c>Expected/*.il</c>.</summary>
/// <remarks>After a change made on purpose, run the tests with VERIFY_ACCEPT_IL=1 and read the difference in the version control.</remarks>
public class SnapshotTests
{
    [Fact]
    public void RedirectCallsPass() => Check(
        """
        class C
        {
            static int s;
            static SpinLock l;
            static T Generic<T>(ref T a, T b) where T : class => Interlocked.CompareExchange(ref a, b, null);
            static void Calls(Thread t) { Interlocked.Increment(ref s); t.Join(); l = new SpinLock(true); }
            static Thread Construct(ThreadStart f) => new Thread(f);
            static Action Pointer(Thread t) => t.Join;
            static void Lock(object o) { lock (o) { s = 1; } }
        }
        """);

    [Fact]
    public void VolatilePrefixPass() => Check(
        """
        class C
        {
            volatile int i;
            static volatile string s;
            int Instance() { i = 1; return i; }
            static string Static() { s = "x"; return s; }
            static unsafe void Pointer(int* p) { System.Runtime.CompilerServices.Unsafe.AsRef<int>(p)++; }
        }
        """);

    [Fact]
    public void CatchAbortPass() => Check(
        """
        class C
        {
            static int Wide(Func<int> f) { try { return f(); } catch (Exception) { return 1; } }
            static int Filter(Func<int> f) { try { return f(); } catch (Exception e) when (e.Message == "x") { return 1; } }
            static int Narrow(Func<int> f) { try { return f(); } catch (InvalidOperationException) { return 1; } finally { f(); } }
        }
        """);

    [Fact]
    public void RefuseUncontrolledPass() => Check(
        """
        class G<T> { [ThreadStatic] internal static int t; }
        class C
        {
            static Guid Call() => Guid.NewGuid();
            static int Field() => G<int>.t;
            static Func<DateTimeOffset> Virtual(TimeProvider p) => p.GetUtcNow;
        }
        """);

    [Fact]
    public void PlainAccessPass() => Check(
        """
        struct S { public int a; }
        class C
        {
            int i; static long s; S st;
            void Fields() { i = 1; s = i; }
            static string Elements(string[] a, byte[] b) { a[0] = "x"; b[1]++; return a[1]; }
            static void Refs(ref S r) { r.a = 1; r = default; }
            S Struct() { var copy = st; copy.a = 2; return copy; }
            static int Many(int[,] m) { m[0, 1] = 3; return m[1, 0]; }
        }
        """,
        plain: true);

    private static void Check(string source, bool plain = false, [CallerMemberName] string name = "")
    {
        Rewritten program = Rewritten.Source(source, Rewritten.TestOptions with { PlainAccesses = plain });
        IlGate.AssertJits(program.Assembly);
        string actual = IlText.Of(program.Image.Pe, "C");
        string file = Path.Combine(Folder(), name + ".il");
        if (Environment.GetEnvironmentVariable("VERIFY_ACCEPT_IL") == "1")
        {
            File.WriteAllText(file, actual);
        }

        Assert.True(File.Exists(file), $"Expected/{name}.il is missing; run with VERIFY_ACCEPT_IL=1 and read it.");
        string expected = File.ReadAllText(file);
        if (expected != actual)
        {
            Assert.Fail($"The IL of {name} differs from Expected/{name}.il:\n" + Difference(expected.Split('\n'), actual.Split('\n')));
        }
    }

    // Snapshots are read beside the sources, so that accepting one changes the file under version control.
    private static string Folder() => Path.Combine(Repository.Folder, "tests", "Unit", "Rewriter", "Expected");

    // The longest common run of lines at both ends, with what lies between, is enough to read a changed method body.
    private static string Difference(string[] expected, string[] actual)
    {
        int head = 0;
        while (head < Math.Min(expected.Length, actual.Length) && expected[head] == actual[head])
        {
            head++;
        }

        int tail = 0;
        while (tail < Math.Min(expected.Length, actual.Length) - head && expected[^(tail + 1)] == actual[^(tail + 1)])
        {
            tail++;
        }

        IEnumerable<string> context = expected.Take(head).TakeLast(6).Select(l => "  " + l);
        return string.Join(
            "\n",
            context.Concat(expected[head..^tail].Select(l => "- " + l)).Concat(actual[head..^tail].Select(l => "+ " + l)));
    }
}
