using Verify.Checker.Exploration;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;
using Verify.Tests.Unit.Rewriter;

namespace Verify.Tests.Unit.Checker;

/// <summary>Schedules of one build of a program, replayed on another.</summary>
public class RealignTests
{
    private const string Recorded = "static void Add() { int x = Volatile.Read(ref s_x); Volatile.Write(ref s_x, x + 1); }";

    [Theory]
    [InlineData("static int s_other; static void Add() { Volatile.Read(ref s_other); int x = Volatile.Read(ref s_x); Volatile.Write(ref s_other, 3); Volatile.Write(ref s_x, x + 1); }")]
    [InlineData("static void Add() { lock (s_gate) { } for (int i = 0; i < 5; i++) Thread.Yield(); int x = Volatile.Read(ref s_x); Volatile.Write(ref s_x, x + 1); }")]
    [InlineData("static void Add() { int x = Volatile.Read(ref s_x); Volatile.Write(ref s_x, x + 1); lock (s_gate) Volatile.Read(ref s_x); }")]
    public void An_edit_that_leaves_the_race_in_still_shows_it(string edited)
    {
        Schedule schedule = Record();
        ReplayResult exact = Replayer.Replay(Body(edited), schedule);
        ReplayResult realigned = Replayer.Realign(Body(edited), schedule);

        Assert.False(exact.Reproduced);
        Assert.NotNull(exact.Divergence);
        Assert.True(realigned.Reproduced, realigned.Failure?.Message ?? "no failure");
        Assert.True(realigned.NewEvents > 0);
    }

    [Fact]
    public void Events_that_are_gone_are_skipped()
    {
        Schedule schedule = Record("static void Add() { Volatile.Read(ref s_x); lock (s_gate) { } int x = Volatile.Read(ref s_x); Volatile.Write(ref s_x, x + 1); }");

        ReplayResult realigned = Replayer.Realign(Body(Recorded), schedule);

        Assert.True(realigned.Reproduced);
        Assert.True(realigned.GoneEvents > 0);
    }

    [Fact]
    public void A_repaired_program_does_not_fail_after_realigning()
    {
        Schedule schedule = Record();

        ReplayResult realigned = Replayer.Realign(Body("static void Add() { lock (s_gate) { int x = Volatile.Read(ref s_x); Volatile.Write(ref s_x, x + 1); } }"), schedule);

        Assert.False(realigned.Reproduced);
        Assert.Null(realigned.Failure);
    }

    [Fact]
    public void The_failure_is_announced_once_where_it_is_thrown()
    {
        Schedule schedule = Record();
        var stacks = new List<string>();

        ReplayResult result = Replayer.Replay(Body(Recorded), schedule, () => stacks.Add(Environment.StackTrace));

        Assert.True(result.Reproduced);
        Assert.Contains("C.Check", Assert.Single(stacks));
    }

    private static Schedule Record(string add = Recorded)
    {
        ExplorationResult result = Explorer.Explore(Body(add), new ExplorationOptions());
        Assert.Equal(FailureKind.Assertion, result.Failure?.Kind);
        return ScheduleReader.Parse(ScheduleWriter.ToJson(result.Schedule!));
    }

    private static Action Body(string add)
    {
        string source = $$"""
            public sealed class AssertionFailureException(string message) : Exception(message);
            public static class C
            {
                static int s_x;
                static object s_gate;
                public static void M()
                {
                    s_x = 0;
                    s_gate = new object();
                    var threads = new[] { new Thread(Add), new Thread(Add) };
                    foreach (Thread t in threads) t.Start();
                    foreach (Thread t in threads) t.Join();
                    Check();
                }
                [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
                static void Check() { if (s_x != 2) throw new AssertionFailureException("an increment was lost"); }
                {{add}}
            }
            """;
        return Rewritten.Of(Snippet.Compile(source), new Verify.Rewriter.RewriteOptions())
            .Assembly.GetType("C")!.GetMethod("M")!.CreateDelegate<Action>();
    }
}
