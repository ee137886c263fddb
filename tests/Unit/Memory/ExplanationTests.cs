using Verify.Checker.Exploration;
using Verify.Checker.Explanation;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;

namespace Verify.Tests.Unit.Memory;

/// <summary>Failures of weak memory in words: which read was stale, which pair was reordered, which fence forbids it, whether x86 does it.</summary>
public class ExplanationTests
{
    private const string MessagePassing =
        """
        class Box { public int data, flag; }
        static void M()
        {
            var b = new Box();
            T.Run(
                () =>
                {
                    b.data = 1;
                    WRITE
                },
                () =>
                {
                    if (READ == 1)
                        T.Never(b.data == 0);
                });
        }
        """;

    private static WeakExplanation Explain(string program, string model)
    {
        ExplorationResult result = WeakProgram.Of(program).Finds(model);
        Assert.NotNull(result.Explanation);
        Assert.Equal(result.Schedule, result.Explanation.Schedule with { Failure = result.Failure! });
        Assert.StartsWith(result.Explanation.Headline, result.Failure!.Details, StringComparison.Ordinal);
        return result.Explanation;
    }

    [Fact]
    public void A_missing_release_is_two_writes_in_the_other_order_and_a_Volatile_Write_forbids_it()
    {
        WeakExplanation explanation = Explain(
            MessagePassing.Replace("WRITE", "b.flag = 1;").Replace("READ", "Volatile.Read(ref b.flag)"), "dotnet");

        WeakCause cause = Assert.Single(explanation.Causes);
        Assert.Equal(Reordering.WriteWrite, cause.Kind);
        Assert.Equal((8, 9), (cause.Earlier!.Line, cause.Later.Line));
        Assert.False(cause.OnX86);
        Assert.True(cause.IsChecked, cause.Text);
        Assert.Contains("A Volatile.Write at Snippet.cs:9", cause.Text);
        Assert.Contains("x86 processors do not make", explanation.Headline);
    }

    [Fact]
    public void A_missing_acquire_is_two_reads_in_the_other_order_and_a_Volatile_Read_forbids_it()
    {
        WeakExplanation explanation = Explain(
            MessagePassing.Replace("WRITE", "Volatile.Write(ref b.flag, 1);").Replace("READ", "b.flag"), "dotnet");

        WeakCause cause = Assert.Single(explanation.Causes);
        Assert.Equal(Reordering.ReadRead, cause.Kind);
        Assert.Equal((13, 14), (cause.Earlier!.Line, cause.Later.Line));
        Assert.True(cause.IsChecked, cause.Text);
        Assert.Contains("returned the initial value and missed thread1's write at Snippet.cs:8", cause.Text);
        Assert.Contains("A Volatile.Read at Snippet.cs:13", cause.Text);
    }

    [Theory]
    [InlineData("tso")]
    [InlineData("dotnet")]
    public void Store_buffering_is_a_read_before_a_write_which_x86_does_and_a_MemoryBarrier_forbids(string model)
    {
        WeakExplanation explanation = Explain(
            """
            static int x, y, r0, r1;
            static void M()
            {
                x = y = 0;
                T.Run(
                    () =>
                    {
                        Volatile.Write(ref x, 1);
                        r0 = Volatile.Read(ref y);
                    },
                    () =>
                    {
                        Volatile.Write(ref y, 1);
                        r1 = Volatile.Read(ref x);
                    });
                T.Never(r0 == 0 && r1 == 0);
            }
            """,
            model);

        WeakCause cause = Assert.Single(explanation.Causes);
        Assert.True(cause.Kind == Reordering.WriteRead, cause.Text + string.Join("\n", explanation.Schedule.Steps));
        Assert.Equal(1, cause.Later.Line - cause.Earlier!.Line);
        Assert.True(cause.OnX86);
        Assert.True(cause.IsChecked, cause.Text);
        Assert.Contains("An Interlocked.MemoryBarrier between", cause.Text);
        Assert.Equal("It needs a reordering that x86 processors make.", explanation.Headline);
    }

    [Fact]
    public void A_failure_that_interleaving_alone_shows_is_said_to_need_no_weak_memory()
    {
        const string Program =
            """
            static int x;
            static void Bump() => Volatile.Write(ref x, Volatile.Read(ref x) + 1);
            static void M()
            {
                x = 0;
                T.Run(Bump, Bump, Bump);
                T.Never(x < 3);
            }
            """;
        WeakProgram program = WeakProgram.Of(Program);
        for (ulong seed = 1; seed < 20; seed++)
        {
            ExplorationResult result = Explorer.Explore(
                program.Body, new ExplorationOptions { Strategy = "random", Seed = seed, Memory = MemoryOptions.For("dotnet") });
            Assert.NotNull(result.Failure);
            Assert.True(Replayer.Replay(program.Body, result.Schedule!).Reproduced);
            if (result.Explanation is { Causes.Count: 0 } explanation)
            {
                Assert.Equal("No weak memory is needed: the interleaving alone fails.", explanation.Headline);
                Assert.DoesNotContain(explanation.Schedule.Steps, s => s.IsWeak);
                return;
            }
        }

        Assert.Fail("no seed found it with weak answers that were all superfluous");
    }
}
