using Verify.Checker.Exploration;
using Verify.Checker.Races;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;

namespace Verify.Tests.Unit.Memory;

public class DataRaceTests
{
    // Not optimised: after rewriting the last store is a call, which the JIT may turn into a jump once it recompiles the method; its frame is then gone.
    private const string Counter =
        """
        static int x;
        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoOptimization)] static void Bump()
        {
            x = x + 1;
        }
        static void M()
        {
            x = 0;
            T.Run(Bump, Bump);
        }
        """;

    [Theory]
    [InlineData("sc")]
    [InlineData("tso")]
    [InlineData("dotnet")]
    public void A_race_is_a_failure_with_both_threads_both_stacks_both_lines_and_the_missing_edge(string model)
    {
        ExplorationResult result = WeakProgram.Of(Counter).Finds(model, RaceMode.Fail);

        Assert.Equal(FailureKind.DataRace, result.Failure!.Kind);
        DataRace race = Assert.Single(result.Races);
        Assert.Equal(RaceClass.PlainPlain, race.Class);
        Assert.Equal(4, race.First.Site.Line);
        Assert.Equal(4, race.Second.Site.Line);
        Assert.NotEqual(race.First.Thread, race.Second.Thread);
        Assert.All([race.First, race.Second], side => Assert.Contains(side.Stack, frame => frame.StartsWith("C.Bump in Snippet.cs:4", StringComparison.Ordinal)));
        Assert.StartsWith("thread", race.Remedy, StringComparison.Ordinal);
        Assert.Equal(race.Details, result.Failure.Details);
        Assert.DoesNotContain("\n", race.Message);
    }

    [Fact]
    public void A_race_replays_from_its_file()
    {
        WeakProgram program = WeakProgram.Of(Counter);
        Schedule schedule = ScheduleReader.Parse(ScheduleWriter.ToJson(program.Finds("sc", RaceMode.Fail).Schedule!));

        for (int i = 0; i < 10; i++)
        {
            ReplayResult replay = Replayer.Replay(program.Body, schedule);
            Assert.True(replay.Reproduced, replay.Divergence?.ToString());
            Assert.Equal(FailureKind.DataRace, replay.Failure!.Kind);
        }
    }

    [Fact]
    public void Reported_races_end_nothing_and_each_is_told_once_with_a_schedule_of_its_own()
    {
        WeakProgram program = WeakProgram.Of(
            """
            static int x, y;
            static void M()
            {
                x = y = 0;
                T.Run(
                    () => { x = 1; y = 1; },
                    () => { int a = y; int b = x; });
            }
            """);

        ExplorationResult result = program.Explore("sc", RaceMode.Report, schedules: 200);

        Assert.Null(result.Failure);
        Assert.Equal(200, result.Schedules);
        Assert.Equal(result.Races.Count, result.Races.Select(r => r.Message).Distinct().Count());
        Assert.Equal([(6, 7)], result.Races.Select(r => (Math.Min(r.First.Site.Line, r.Second.Site.Line), Math.Max(r.First.Site.Line, r.Second.Site.Line))).Distinct());
        Assert.All(result.Races, race =>
        {
            ReplayResult replay = Replayer.Replay(program.Body, race.Schedule);
            Assert.True(replay.Reproduced, replay.Divergence?.ToString());
            Assert.Equal(race.Message, replay.Failure!.Message);
            Assert.NotEmpty(race.First.Stack);
        });
    }

    [Fact]
    public void Off_looks_for_none() => Assert.Empty(WeakProgram.Of(Counter).Explore("dotnet", RaceMode.Off, schedules: 50).Races);

    [Theory]
    [InlineData("class Box { public int data; } static Box b;", "b = new Box { data = 1 };", "Box q = b; if (q != null) { int d = q.data; }", "b")]
    [InlineData("static int[] a;", "var n = new int[2]; n[1] = 5; a = n;", "int[] q = a; if (q != null) { int d = q[1]; }", "a")]
    [InlineData("struct P { public int x; } class Box { public P p; } static Box b;", "var n = new Box(); n.p.x = 1; b = n;", "Box q = b; if (q != null) { int d = q.p.x; }", "b")]
    public void Safe_publication_of_an_object_races_at_the_reference_alone(string members, string write, string read, string reference)
    {
        ExplorationResult result = WeakProgram.Of(
            members + "static void M() { " + reference + " = null; T.Run(\n() => { " + write + " },\n() => { " + read + " }); }")
            .Explore("dotnet", RaceMode.Report, schedules: 300);

        Assert.NotEmpty(result.Races);
        Assert.All(result.Races, r => Assert.All([r.First, r.Second], s => Assert.EndsWith("C." + reference, s.Site.Operation)));
    }

    [Theory]
    [InlineData("static int x;", "Volatile.Write(ref x, 1);", "int a = x;", "PlainVolatile")]
    [InlineData("static int x;", "x = 0;", "while (x == 0 && n++ < 6) { }", "PlainSpin")]
    [InlineData("static decimal x;", "x = 1;", "decimal a = x;", "Torn")]
    [InlineData("static int[] x = new int[2];", "x[1] = 1;", "int a = x[1];", "PlainPlain")]
    [InlineData("static int x;", "ref int r = ref x; r = 1;", "int a = x;", "PlainPlain")]
    [InlineData("static int* x = (int*)System.Runtime.InteropServices.NativeMemory.Alloc(8);", "*x = 1;", "int a = *x;", "PlainPlain")]
    [InlineData("static int[] x = new int[2];", "Span<int> s = x; s[1] = 1;", "Span<int> s = x; n = s[1];", "PlainPlain")]
    [InlineData("class B { public int f; } static readonly B x = new();", "x.f = 1;", "int a = x.f;", "PlainPlain")]
    public void Races_on_all_kinds_of_location_are_seen_with_their_class(string members, string write, string read, string expected)
    {
        ExplorationResult result = WeakProgram.Of(
            members + "static void M() { int n = 0; T.Run(\n() => { " + write + " },\n() => { " + read + " }); }")
            .Explore("sc", RaceMode.Report, schedules: 100);

        Assert.Contains(result.Races, r => r.Class.ToString() == expected);
        Assert.All(result.Races, r => Assert.NotEqual(r.First.Thread, r.Second.Thread));
    }

    [Theory]
    [InlineData("static int x; static readonly object g = new();", "lock (g) { x = 1; }", "lock (g) { int a = x; }")]
    [InlineData("static int x, f;", "x = 1; Volatile.Write(ref f, 1);", "if (Volatile.Read(ref f) == 1) { int a = x; }")]
    [InlineData("static int x, f;", "x = 1; Interlocked.Increment(ref f);", "if (Interlocked.Increment(ref f) == 2) { int a = x; }")]
    [InlineData("static int x; static volatile bool f;", "x = 1; f = true;", "if (f) { int a = x; }")]
    [InlineData("static int x;", "int a = x;", "int a = x;")]
    public void What_is_ordered_does_not_race(string members, string first, string second)
    {
        ExplorationResult result = WeakProgram.Of(
            members + " static void M() { Reset(); T.Run(\n() => { " + first + " },\n() => { " + second + " }); } static void Reset() { "
            + (members.Contains(" f;", StringComparison.Ordinal) ? members.Contains("bool", StringComparison.Ordinal) ? "f = false;" : "f = 0;" : "")
            + (members.Contains("x, f", StringComparison.Ordinal) ? "f = 0;" : "") + "x = 0; }")
            .Explore("dotnet", RaceMode.Report, schedules: 200);

        Assert.Empty(result.Races);
        Assert.Null(result.Failure);
    }

    [Fact]
    public void Accesses_that_race_on_purpose_are_no_races_and_interleave()
    {
        const string Source =
            """
            sealed class RacesOnPurposeAttribute : Attribute;
            static int x;
            ATTRIBUTE
            static void Bump()
            {
                x = x + 1;
            }
            static void M()
            {
                x = 0;
                T.Run(Bump, Bump);
                T.Never(x == 1);
            }
            """;
        ExplorationResult marked = WeakProgram.Of(Source.Replace("ATTRIBUTE", "[RacesOnPurpose]")).Explore("sc", RaceMode.Fail);
        ExplorationResult plain = WeakProgram.Of(Source.Replace("ATTRIBUTE", "")).Explore("sc", RaceMode.Off);

        Assert.Equal(FailureKind.Assertion, marked.Failure?.Kind);
        Assert.Null(plain.Failure);
    }

    [Fact]
    public void Plain_points_interleave_plain_accesses_without_a_model_or_a_detector() =>
        Assert.Equal(
            FailureKind.Assertion,
            WeakProgram.Of(Counter.Replace("T.Run(Bump, Bump);", "T.Run(Bump, Bump); T.Never(x == 1);")).Explore("sc", plainPoints: true).Failure?.Kind);
}
