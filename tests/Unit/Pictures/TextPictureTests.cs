using Verify.Checker.Exploration;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;
using Verify.Checker.Tracing;
using Verify.Cli.Pictures;
using Verify.Tests.Unit.Checker;
using Verify.Tests.Unit.Sct;

namespace Verify.Tests.Unit.Pictures;

public class TextPictureTests
{
    private static ExecutionTrace Trace(Action body)
    {
        Schedule schedule = Explorer.Explore(body, new ExplorationOptions { Strategy = "portfolio", Schedules = 10_000 }).Schedule!;
        return Tracer.Replay(body, schedule).Trace;
    }

    private static string[] Lines(ExecutionTrace trace, int width, bool all = false)
    {
        using var text = new StringWriter();
        TextPicture.Write(text, trace, width, all);
        return text.ToString().TrimEnd('\n').Split('\n');
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(140)]
    [InlineData(300)]
    public void No_line_is_wider_than_the_terminal_and_every_event_is_there(int width)
    {
        foreach (string name in (string[])["wronglock", "reorder_20", "deadlock01", "queue"])
        {
            ExecutionTrace trace = Trace(SctTests.Rewritten[name]);

            string[] lines = Lines(trace, width, all: true);

            Assert.All(lines.TakeWhile(l => !l.StartsWith("          at ", StringComparison.Ordinal)), l => Assert.True(l.Length <= width, l));
            for (int i = 1; i <= trace.Events.Count; i++)
            {
                Assert.Contains(lines, l => l.StartsWith($"{i,5}  ", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void Each_thread_has_its_column()
    {
        ExecutionTrace trace = Trace(Program.LostUpdate);

        string[] lines = Lines(trace, 140);

        int[] columns = [.. trace.Threads.Select(t => lines[0].IndexOf(t, StringComparison.Ordinal))];
        for (int i = 0; i < trace.Events.Count; i++)
        {
            if (lines.FirstOrDefault(l => l.StartsWith($"{i + 1,5}  ", StringComparison.Ordinal)) is { } line)
            {
                Assert.False(char.IsWhiteSpace(line[columns[trace.Events[i].Thread]]), line);
                Assert.True(string.IsNullOrWhiteSpace(line[7..columns[trace.Events[i].Thread]]), line);
            }
        }
    }

    [Fact]
    public void A_lost_update_can_be_read_off_it()
    {
        string picture = string.Join('\n', Lines(Trace(Program.LostUpdate), 140));

        Assert.Contains("read location = 0", picture);
        Assert.Contains("write location: 0 → 1", picture);
        Assert.Contains("write location = 1", picture); // the second write changes nothing: the update is lost
        Assert.Contains("preempted", picture);
        Assert.Contains("✗ an increment was lost", picture);
        Assert.Contains("at Program.Assert", picture);
    }

    [Fact]
    public void A_deadlock_says_who_waits_for_what_in_its_column()
    {
        string[] lines = Lines(Trace(Program.LockOrderInversion), 140);

        Assert.Equal(3, lines.Count(l => l.Contains('⏸', StringComparison.Ordinal)));
    }

    [Fact]
    public void What_a_program_calls_itself_cannot_control_the_terminal()
    {
        ExecutionTrace trace = Trace(Program.LostUpdate);
        trace = trace with
        {
            Threads = [.. trace.Threads.Select(_ => "\u001b[31mred\n")],
            Marks = [.. trace.Marks.Select(m => m with { Text = "\u001b]0;title\u0007" })],
        };

        Assert.DoesNotContain(string.Concat(Lines(trace, 140)), char.IsControl);
    }

    [Fact]
    public void A_kind_of_operation_it_does_not_know_is_shown_by_its_name()
    {
        var e = new TraceEvent { Thread = 0, Kind = (OperationKind)9999, Site = new Site("M", 0, "Gadget.Turn", "", 0), Value = "3" };
        var trace = new ExecutionTrace
        {
            Threads = ["main"], Objects = [], Events = [e], Edges = [], Stacks = [], Marks = [],
            Failure = new Failure(FailureKind.Assertion, "x", 0, ""),
        };

        Assert.Equal("Gadget.Turn = 3", EventText.Of(trace, e));
    }
}
