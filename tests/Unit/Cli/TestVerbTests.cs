using System.Text.Json;
using Verify.Tests.Unit.Rewriter;

namespace Verify.Tests.Unit.Cli;

/// <summary><c>verify test</c> over assemblies that know nothing of this project.</summary>
public sealed class TestVerbTests : IDisposable
{
    // Its own attribute, of the name of Coyote's.
    private const string Frame = """
        namespace Microsoft.Coyote.SystematicTesting { public sealed class TestAttribute : Attribute; public sealed class TestIterationDisposeAttribute : Attribute; }
        public sealed class AssertionFailureException(string message) : Exception(message);
        public static class Threads
        {
            public static void Run(params Action[] bodies)
            {
                var threads = Array.ConvertAll(bodies, b => new Thread(() => b()));
                foreach (Thread t in threads) t.Start();
                foreach (Thread t in threads) t.Join();
            }
            public static void Check(bool condition, string message) { if (!condition) throw new AssertionFailureException(message); }
        }

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("verify-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Tests_marked_for_Coyote_run_unmodified_and_what_fails_replays()
    {
        string dll = Compile("""
            using Microsoft.Coyote.SystematicTesting;
            public class Counters
            {
                private int _x;
                [Test] public void Lost() { Threads.Run(Add, Add); Threads.Check(_x == 2, "an increment was lost"); void Add() { int x = Volatile.Read(ref _x); Volatile.Write(ref _x, x + 1); } }
                [Test] public static void Locked() { int x = 0; object o = new(); Threads.Run(Add, Add); Threads.Check(x == 2, "lost"); void Add() { lock (o) x++; } }
            }
            """);

        (int exit, string output, string error) = Test(dll, "--json");
        JsonElement results = JsonDocument.Parse(output).RootElement.GetProperty("results");
        string file = Row(results, "Counters.Lost").GetProperty("replay").GetString()!;
        (int replayExit, string replay, _) = CommandLine.Run("replay", file, "--assembly", dll, "--times", "10");

        Assert.Equal((1, ""), (exit, error));
        Assert.Equal("clean", Row(results, "Counters.Locked").GetProperty("verdict").GetString());
        Assert.Equal("Assertion", Row(results, "Counters.Lost").GetProperty("failure").GetProperty("kind").GetString());
        Assert.Equal(1, replayExit);
        Assert.Contains("10 of 10 replays", replay);
        Assert.Contains("Snippet.cs:", replay);
    }

    [Fact]
    public void Static_state_starts_anew_in_every_execution()
    {
        string dll = Compile("""
            using Microsoft.Coyote.SystematicTesting;
            public static class Cache<T> { public static readonly List<T> Items = new(); public static int Hits; }
            public static class Plain { public static int Count; public static volatile string Name; }
            public static class First { public static int Value = Second.Value + 1; }
            public static class Second { public static int Value = Next(); static int Next() { Plain.Count += 40; return Plain.Count; } }
            public static class Statics
            {
                private static readonly object s_lock = new();
                private static readonly List<int> s_seen = [1, 2];
                [Test] public static void Fresh()
                {
                    Threads.Check(s_seen.Count == 2 && Cache<int>.Items.Count == 0 && Cache<string>.Hits == 0, "left over");
                    Threads.Check(Plain.Count == 40 && Plain.Name == null && First.Value == 41, "left over: " + Plain.Count + " " + First.Value);
                    Threads.Run(Use, Use);
                    Threads.Check(s_seen.Count == 4 && Cache<int>.Items.Count == 2 && Cache<string>.Hits == 2, "lost");
                    Plain.Count++; Plain.Name = "x"; First.Value = 7; Second.Value = 8;
                }
                static void Use() { lock (s_lock) { s_seen.Add(3); Cache<int>.Items.Add(1); Cache<string>.Hits++; } }
            }
            """);

        (int exit, string output, string error) = Test(dll);

        Assert.True(exit == 0, output + error);
        Assert.Contains("No failure in 1 tests", output);
    }

    [Fact]
    public void A_test_that_kills_its_process_is_a_finding_and_the_others_go_on()
    {
        string dll = Compile("""
            using Microsoft.Coyote.SystematicTesting;
            public static class Deadly
            {
                [Test] public static void Overflow() => Deep(1);
                [Test] public static void Peaceful() => Threads.Run(() => { });
                static int Deep(int n) => n == 0 ? 0 : Deep(n + 1) + Deep(n + 2);
            }
            """);

        (int exit, string output, _) = Test(dll, "--workers", "1", "--json");
        JsonElement results = JsonDocument.Parse(output).RootElement.GetProperty("results");

        Assert.Equal(1, exit);
        Assert.Equal("Crash", Row(results, "Deadly.Overflow").GetProperty("failure").GetProperty("kind").GetString());
        Assert.Equal("clean", Row(results, "Deadly.Peaceful").GetProperty("verdict").GetString());
    }

    [Theory]
    [InlineData("[Test] public static void M(int x) { }", "it has parameters")]
    [InlineData("[Test] private static void M() { }", "it is not public")]
    [InlineData("[Test] public static async System.Threading.Tasks.Task M() => await System.Threading.Tasks.Task.Yield();", "tasks are outside control")]
    [InlineData("public static void M() { }", "has no tests")]
    [InlineData("[Test] public static void M() => System.Threading.Tasks.Task.Run(() => { }).Wait();", "outside control, the first at Snippet.cs")]
    public void What_cannot_be_run_is_refused_in_one_line(string method, string expected)
    {
        string dll = Compile("using Microsoft.Coyote.SystematicTesting; public static class C { " + method + " }");

        (int exit, string output, string error) = Test(dll);

        Assert.Equal((2, ""), (exit, output));
        Assert.Contains(expected, Assert.Single(error.TrimEnd('\n').Split('\n')));
    }

    [Fact]
    public void A_schedule_of_a_test_needs_the_assembly_on_the_command_line()
    {
        string dll = Compile("using Microsoft.Coyote.SystematicTesting; public static class C { [Test] public static void M() => throw new Exception(\"always\"); }");
        (_, string output, _) = Test(dll, "--json");
        string file = Row(JsonDocument.Parse(output).RootElement.GetProperty("results"), "C.M").GetProperty("replay").GetString()!;

        (int without, _, string error) = CommandLine.Run("replay", file);
        (int foreign, _, string foreignError) = CommandLine.Run("replay", file, "--assembly", typeof(Verify.Engine.Execution.Machine).Assembly.Location);

        Assert.Equal((2, 2), (without, foreign));
        Assert.Contains("--assembly", error);
        Assert.Contains("has no test 'C.M'", foreignError);
    }

    private static JsonElement Row(JsonElement results, string test) =>
        results.EnumerateArray().Single(r => r.GetProperty("scenario").GetString() == test);

    private (int ExitCode, string Output, string Error) Test(string dll, params string[] arguments) =>
        CommandLine.Run(["test", dll, "--output", Path.Combine(_folder, "out"), "--schedules", "300", .. arguments]);

    private string Compile(string source)
    {
        // Usings come before namespaces.
        string[] parts = source.TrimStart().StartsWith("using", StringComparison.Ordinal) ? source.TrimStart().Split(';', 2) : ["", source];
        Snippet snippet = Snippet.Compile((parts[0].Length > 0 ? parts[0] + "; " : "") + Frame + parts[1]);
        string dll = Path.Combine(_folder, "Snippet.dll");
        File.WriteAllBytes(dll, snippet.Pe);
        File.WriteAllBytes(Path.ChangeExtension(dll, ".pdb"), snippet.Pdb!);
        return dll;
    }
}
