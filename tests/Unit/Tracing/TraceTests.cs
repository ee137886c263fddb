using Verify.Checker.Exploration;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;
using Verify.Checker.Shims;
using Verify.Checker.Tracing;
using Verify.Tests.Unit.Checker;
using Verify.Tests.Unit.Sct;

namespace Verify.Tests.Unit.Tracing;

public class TraceTests
{
    private static ExecutionTrace Trace(Action body, string strategy = "random")
    {
        Schedule schedule = Explorer.Explore(body, new ExplorationOptions { Strategy = strategy, Schedules = 10_000 }).Schedule!;
        (ReplayResult result, ExecutionTrace trace) = Tracer.Replay(body, schedule);
        Assert.True(result.Reproduced);
        Assert.Equal(schedule.Steps.Select(s => (s.Thread, s.Kind)), trace.Events.Select(e => (e.Thread, e.Kind)));
        return trace;
    }

    [Fact]
    public void A_lost_update_shows_both_reads_of_the_same_write()
    {
        ExecutionTrace trace = Trace(Program.LostUpdate);

        TraceEvent[] reads = [.. trace.Events.Where(e => e.Kind == OperationKind.VolatileRead)];
        Assert.Equal(["0", "0"], reads.Select(e => e.Value));
        Assert.Equal([("0", "1"), ("1", "1")], trace.Events.Where(e => e.Kind == OperationKind.VolatileWrite).Select(e => (e.Before!, e.Value!)));
        Assert.Single(reads.Select(e => e.Object).Distinct());
    }

    [Fact]
    public void A_read_points_at_the_write_it_returned_and_an_update_at_what_it_replaced()
    {
        int x = 0, y = 0;
        ExecutionTrace trace = Trace(() =>
        {
            x = y = 0;
            Program.InParallel(
                () => VolatileShim.Write(ref x, 7, 0),
                () => InterlockedShim.CompareExchange(ref y, 9, VolatileShim.Read(ref x, 0) - 7, 0));
            Program.Assert(VolatileShim.Read(ref y, 0) != 9, "seen");
        });

        TraceEdge[] edges = [.. trace.Edges.Where(e => e.Kind == TraceEdgeKind.ReadsFrom)];
        Assert.Equal(2, edges.Length);
        Assert.Equal("7", trace.Events[edges[0].From].Value);
        Assert.Equal("7", trace.Events[edges[0].To].Value);
        Assert.Equal(("0", "9"), (trace.Events[edges[1].From].Before, trace.Events[edges[1].From].Value));
        Assert.Equal("9", trace.Events[edges[1].To].Value);
        Assert.False(edges[0].Implied);
        Assert.True(edges[1].Implied); // the join orders them already
    }

    [Fact]
    public void The_failure_is_marked_where_it_was_thrown_not_where_it_was_rethrown()
    {
        int x = 0;
        ExecutionTrace trace = Trace(() =>
        {
            x = 0;
            Exception? caught = null;
            Program.InParallel(
                () => VolatileShim.Write(ref x, 1, 0),
                () =>
                {
                    try
                    {
                        Program.Assert(VolatileShim.Read(ref x, 0) == 0, "too early");
                    }
                    catch (TestAssertionException e)
                    {
                        caught = e;
                    }
                });
            VolatileShim.Write(ref x, 5, 0);
            if (caught is not null)
            {
                throw caught;
            }
        });

        TraceMark mark = Assert.Single(trace.Marks);
        Assert.Equal((TraceMarkKind.Failure, 2), (mark.Kind, mark.Thread));
        Assert.Equal(OperationKind.VolatileRead, trace.Events[mark.Event].Kind);
        Assert.StartsWith("Program.Assert", trace.Stacks[mark.Stack][0].Method);
        Assert.Contains(nameof(The_failure_is_marked_where_it_was_thrown_not_where_it_was_rethrown), trace.Stacks[mark.Stack][1].Method);
        Assert.EndsWith("TraceTests.cs", trace.Stacks[mark.Stack][1].File);
    }

    [Fact]
    public void A_deadlock_marks_every_thread_that_waits_and_the_lock_it_waits_for()
    {
        ExecutionTrace trace = Trace(Program.LockOrderInversion);

        Assert.Equal([TraceMarkKind.Blocked, TraceMarkKind.Blocked, TraceMarkKind.Blocked], trace.Marks.Select(m => m.Kind));
        Assert.Equal([0, 1, 2], trace.Marks.Select(m => m.Thread));
        Assert.All(trace.Marks.Skip(1), m => Assert.Contains("waits for lock", m.Text));
    }

    [Fact]
    public void A_contended_lock_shows_who_handed_it_over_and_since_when_its_new_owner_waited()
    {
        object gate = new();
        int inside = 0;
        ExecutionTrace trace = Trace(() =>
        {
            inside = 0;
            bool waited = false;
            void Body() => Program.Lock(gate, () => waited |= VolatileShim.Read(ref inside, 0) == 1 || InterlockedShim.Increment(ref inside, 0) == 0);
            Program.InParallel(Body, Body);
            Program.Assert(!waited, "both were inside, one after the other");
        });

        TraceEdge handOver = Assert.Single(trace.Edges, e => e.Kind == TraceEdgeKind.HandOver);
        Assert.Equal(OperationKind.LockRelease, trace.Events[handOver.From].Kind);
        Assert.Equal(OperationKind.LockAcquire, trace.Events[handOver.To].Kind);
        Assert.NotEqual(trace.Events[handOver.From].Thread, trace.Events[handOver.To].Thread);
    }

    [Fact]
    public void A_pulse_points_at_the_wait_it_ended()
    {
        object gate = new();
        ExecutionTrace trace = Trace(() =>
        {
            bool set = false;
            Program.InParallel(
                () => Program.Lock(gate, () =>
                {
                    while (!set)
                    {
                        MonitorShim.Wait(gate, 0);
                        Program.Assert(false, "woken");
                    }
                }),
                () => Program.Lock(gate, () =>
                {
                    set = true;
                    MonitorShim.Pulse(gate, 0);
                }));
        });

        TraceEdge wake = Assert.Single(trace.Edges, e => e.Kind == TraceEdgeKind.Wake);
        Assert.Equal(OperationKind.MonitorPulse, trace.Events[wake.From].Kind);
        Assert.Equal((OperationKind.LockAcquire, 1), (trace.Events[wake.To].Kind, trace.Events[wake.To].Thread));
    }

    [Fact]
    public void Locations_and_locks_have_the_names_the_source_gives_them()
    {
        ExecutionTrace trace = Trace(SctTests.Rewritten["wronglock"], "portfolio");

        Assert.All(trace.Objects.Where(o => o.Kind != TraceObjectKind.Thread), o => Assert.Matches(@"^\w+(\.\w+)?(\[\])?(#\d+)?$", o.Name));
        Assert.DoesNotContain(trace.Objects, o => o.Name.Split('#')[0] is "location" or "lock");
        Assert.All(trace.Events.Where(e => e.Kind != OperationKind.ThreadBegin), e => Assert.True(trace.Stacks[e.Stack][0].Line > 0));
    }

    [Fact]
    public void Two_traces_of_one_schedule_are_equal()
    {
        Action body = SctTests.Rewritten["work_stealing_queue"];
        Schedule schedule = Explorer.Explore(body, new ExplorationOptions { Strategy = "portfolio", Schedules = 10_000 }).Schedule!;

        ExecutionTrace a = Tracer.Replay(body, schedule).Trace, b = Tracer.Replay(body, schedule).Trace;

        Assert.Equal(a.Events.Select(e => e with { Stack = 0 }), b.Events.Select(e => e with { Stack = 0 })); // frames go when the JIT inlines
        Assert.Equal(a.Objects, b.Objects);
        Assert.Equal(a.Edges, b.Edges);
        Assert.Equal(a.Marks.Select(m => m with { Stack = 0 }), b.Marks.Select(m => m with { Stack = 0 }));
    }
}
