using Verify.Checker.Explanation;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;
using Verify.Checker.Shrinking;
using Verify.Checker.Tracing;

namespace Verify.Tests.Unit.Memory;

public class WeakPictureTests
{
    private const string Noisy =
        """
        static int x, y, r0, r1, other;
        static void Busy() { for (int i = 0; i < 10; i++) { Volatile.Write(ref other, i); int j = Volatile.Read(ref other); } }
        static void M()
        {
            x = y = r0 = r1 = other = 0;
            T.Run(
                () => { Busy(); Volatile.Write(ref x, 1); r0 = Volatile.Read(ref y); Busy(); },
                () => { Busy(); Volatile.Write(ref y, 1); r1 = Volatile.Read(ref x); Busy(); });
            T.Never(r0 == 0 && r1 == 0);
        }
        """;

    [Theory]
    [InlineData("tso")]
    [InlineData("dotnet")]
    public void A_weak_failure_is_shrunk_to_the_answers_it_needs(string model)
    {
        WeakProgram program = WeakProgram.Of(Noisy);
        Schedule found = program.Finds(model).Schedule!;

        ShrinkResult result = Shrinker.Shrink(program.Body, found);

        Assert.Null(result.Refused);
        Assert.True(result.Minimal);
        Assert.Equal(1, result.After.Answers); // one late write, or one old value, is what store buffering takes
        Assert.True(result.After.Preemptions <= 1, result.After.ToString());
        Assert.True(Replayer.Replay(program.Body, result.Schedule).Reproduced);

        // The explanation is that of the shrunk schedule, in its file and in its picture.
        WeakExplanation explanation = WeakExplainer.Explain(program.Body, result.Schedule);
        string details = result.Schedule.Failure.Details;
        Assert.StartsWith(string.Join(Environment.NewLine, explanation.Lines), details);
        Assert.Equal(details.IndexOf(explanation.Headline, StringComparison.Ordinal), details.LastIndexOf(explanation.Headline, StringComparison.Ordinal));
        Assert.Contains("it happened", details);
        Assert.Equal(
            explanation.Lines,
            Tracer.Replay(program.Body, result.Schedule).Trace.Marks.Where(m => m.Kind == TraceMarkKind.Cause).Select(m => m.Text));
    }

    // The arrow of a read goes to the write it returned, not to the newest; the failure stands after the last event.
    [Fact]
    public void An_old_value_is_drawn_as_one()
    {
        WeakProgram program = WeakProgram.Of(Noisy);
        ShrinkResult result = Shrinker.Shrink(program.Body, program.Finds("tso").Schedule!);

        ExecutionTrace trace = Tracer.Replay(program.Body, result.Schedule).Trace;

        TraceEvent[] old = [.. trace.Events.Where(e => e.IsOld)];
        TraceEvent read = Assert.Single(old);
        Assert.Equal("0", read.Value);
        int number = trace.Events.ToList().IndexOf(read);
        int newest = trace.Events.Take(number).Select((e, i) => (e, i)).Last(e => e.e.Kind == OperationKind.VolatileWrite && e.e.Object == read.Object).i;
        Assert.NotEqual(newest, read.ReadsFrom);
        Assert.DoesNotContain(trace.Edges, e => e.From == newest && e.To == number);
        TraceMark failure = Assert.Single(trace.Marks, m => m.Kind == TraceMarkKind.Failure);
        Assert.InRange(failure.Event, number, trace.Events.Count - 1);
    }

    [Fact]
    public void A_race_is_shrunk_and_drawn_with_both_its_sides()
    {
        WeakProgram program = WeakProgram.Of(
            """
            static int x, other;
            static void Busy() { for (int i = 0; i < 10; i++) Volatile.Write(ref other, i); }
            static void M()
            {
                x = 0;
                T.Run(() => { Busy(); x = 1; }, () => { Busy(); x = 2; });
            }
            """);
        Schedule found = program.Finds("sc", RaceMode.Fail).Schedule!;

        ShrinkResult result = Shrinker.Shrink(program.Body, found);
        ExecutionTrace trace = Tracer.Replay(program.Body, result.Schedule).Trace;

        Assert.Null(result.Refused);
        Assert.Equal(FailureKind.DataRace, result.Schedule.Failure.Kind);
        TraceMark cause = Assert.Single(trace.Marks, m => m.Kind == TraceMarkKind.Cause);
        Assert.StartsWith("no happens-before edge: ", cause.Text);
        Assert.Contains("releases nothing after its write", cause.Text);
        TraceMark[] sides = [.. trace.Marks.Where(m => m.Kind == TraceMarkKind.RaceSide)];
        Assert.Equal(2, sides.Length);
        Assert.NotEqual(sides[0].Thread, sides[1].Thread);
        Assert.All(sides, s => Assert.Contains("plain write of C.x at Snippet.cs:6", s.Text));
        Assert.All(sides, s => Assert.Equal(6, trace.Stacks[s.Stack][0].Line));
    }
}
