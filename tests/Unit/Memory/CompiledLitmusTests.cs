using Verify.Checker.MemoryModels;
using Verify.Checker.MemoryModels.Litmus;
using Verify.Rewriter.Litmus;
using Verify.Tests.Unit.MemoryModels;

namespace Verify.Tests.Unit.Memory;

/// <summary>Litmus tests as classes that go through the rewriter, the shims and the scheduler.</summary>
public class CompiledLitmusTests
{
    private const int Generated = 12; // programs of each shape; the machine alone is judged on more by CrossCheckTests

    private static readonly Lazy<IReadOnlyList<CompiledLitmus>> s_table = new(() => CompiledLitmus.Compile(LitmusTable.Tests));

    public static TheoryData<string> Models => [.. MemoryModel.All.Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Models))]
    public void Exhaustive_exploration_reaches_exactly_the_listed_outcomes(string model)
    {
        foreach (CompiledLitmus test in s_table.Value)
        {
            LitmusExploration exploration = test.Explore(new MemoryModelOptions { Model = MemoryModel.Parse(model) });
            Assert.True(exploration.IsComplete);
            Assert.True(
                test.Test.Outcomes[model].Order(StringComparer.Ordinal).SequenceEqual(exploration.Outcomes.Keys),
                $"{test.Test.Name} under {model}: {string.Join(" | ", exploration.Outcomes.Keys)}");
            Assert.Equal(test.Test.Allowed[model], exploration.ConditionReached);
        }
    }

    [Theory]
    [InlineData("random", 40)]
    [InlineData("pct", 40)]
    [InlineData("portfolio", 30)]
    public void Sampling_never_leaves_the_listed_outcomes(string strategy, int executions)
    {
        foreach (CompiledLitmus test in s_table.Value)
        {
            foreach (MemoryModel model in MemoryModel.All)
            {
                LitmusExploration sampled = test.Sample(strategy, new MemoryModelOptions { Model = model, History = 3 }, seed: 5, executions);
                Assert.True(
                    test.Test.Outcomes[model.Name].ToHashSet().IsSupersetOf(sampled.Outcomes.Keys),
                    $"{test.Test.Name} under {model}: {string.Join(" | ", sampled.Outcomes.Keys)}");
            }
        }
    }

    [Theory]
    [InlineData(2, 4, 2)]
    [InlineData(2, 5, 3)]
    [InlineData(3, 3, 2)]
    public void Generated_programs_reach_what_the_machine_alone_reaches(int threads, int operations, int locations)
    {
        LitmusTest[] tests = [.. Enumerable.Range(7000, Generated).Select(seed => GeneratedProgram.Create(seed, threads, operations, locations))];
        foreach (CompiledLitmus test in CompiledLitmus.Compile(tests))
        {
            foreach (MemoryModel model in MemoryModel.All)
            {
                var options = new MemoryModelOptions { Model = model };
                Assert.True(
                    new LitmusExplorer(test.Test, options).Explore().Outcomes.Keys.SequenceEqual(test.Explore(options).Outcomes.Keys),
                    $"{test.Test.Name} under {model}: {GeneratedProgram.Describe(test.Test)}");
            }
        }
    }
}
