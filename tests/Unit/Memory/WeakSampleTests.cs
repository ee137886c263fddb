using Verify.Checker.Explanation;
using Verify.Checker.Exploration;
using Verify.Checker.MemoryModels;
using Verify.Checker.Runtime;
using Verify.Rewriter;
using Verify.Rewriter.Loading;
using Verify.Tests.Sct;

namespace Verify.Tests.Unit.Memory;

/// <summary>The examples of docs/weak-memory.md: each missing fence is found under the models that allow its reordering, and shown not to matter under the others.</summary>
public class WeakSampleTests
{
    private static readonly Lazy<Type> s_rewritten = new(() =>
        RewrittenProgram.Load([typeof(SctCatalog).Assembly.Location], new RewriteOptions { PlainAccesses = true })
            .Assembly(typeof(SctCatalog).Assembly.GetName().Name!).GetType("Verify.Tests.Sct.WeakMemory", throwOnError: true)!);

    private static ExplorationResult Search(string name, string model) => Explorer.Explore(
        s_rewritten.Value.GetMethod(name)!.CreateDelegate<Action>(),
        new ExplorationOptions
        {
            Strategy = "exhaustive",
            Schedules = 100_000,
            Memory = new MemoryOptions { Machine = new MemoryModelOptions { Model = MemoryModel.Parse(model) }.ForSearch(), PlainPoints = true },
        });

    [Theory]
    [InlineData("Message_passing_without_a_fence", "dotnet", Reordering.WriteWrite)]
    [InlineData("Store_buffering_without_a_fence", "tso", Reordering.WriteRead)]
    [InlineData("Store_buffering_without_a_fence", "dotnet", Reordering.WriteRead)]
    public void A_missing_fence_is_found_and_explained(string name, string model, Reordering reordering)
    {
        ExplorationResult result = Search(name, model);

        Assert.Equal(FailureKind.Assertion, result.Failure?.Kind);
        string text = string.Join(Environment.NewLine, result.Explanation!.Lines);
        Assert.True(result.Explanation.Causes.Any(c => c.Kind == reordering && c.IsChecked), text);
        Assert.Contains(reordering == Reordering.WriteRead ? "that x86 processors make" : "that x86 processors do not make", text);
    }

    [Theory]
    [InlineData("Message_passing_without_a_fence", "sc")]
    [InlineData("Message_passing_without_a_fence", "tso")]
    [InlineData("Store_buffering_without_a_fence", "sc")]
    [InlineData("Message_passing", "dotnet")]
    [InlineData("Store_buffering", "tso")]
    [InlineData("Store_buffering", "dotnet")]
    public void What_a_model_forbids_no_execution_does(string name, string model)
    {
        ExplorationResult result = Search(name, model);

        Assert.Null(result.Failure);
        Assert.True(result.Exhausted, "not every execution was tried");
    }

    // dfs reaches the same with a bound: message passing takes an early write and an old value, store buffering an old value alone.
    [Theory]
    [InlineData("Message_passing_without_a_fence", "dotnet", 1, false)]
    [InlineData("Message_passing_without_a_fence", "dotnet", 2, true)]
    [InlineData("Message_passing_without_a_fence", "tso", 2, false)]
    [InlineData("Store_buffering_without_a_fence", "tso", 0, false)]
    [InlineData("Store_buffering_without_a_fence", "tso", 1, true)]
    public void Depth_first_rations_weak_answers(string name, string model, int weakAnswers, bool found)
    {
        ExplorationResult result = Explorer.Explore(
            s_rewritten.Value.GetMethod(name)!.CreateDelegate<Action>(),
            new ExplorationOptions
            {
                Strategy = "dfs",
                Preemptions = 1,
                WeakAnswers = weakAnswers,
                Schedules = 100_000,
                Memory = new MemoryOptions { Machine = new MemoryModelOptions { Model = MemoryModel.Parse(model) }.ForSearch(), PlainPoints = true },
            });

        Assert.Equal(found, result.Failure is not null);
        Assert.True(found || result.Exhausted, "not every execution was tried");
    }
}
