using System.Diagnostics;
using Verify.Checker.MemoryModels;
using Verify.Checker.MemoryModels.Litmus;
using Verify.Rewriter.Litmus;
using Verify.Tests.Unit.MemoryModels;

namespace Verify.Tests.Unit.Memory;

/// <summary>The litmus table as classes that go through the rewriter and the scheduler.</summary>
public class CompiledLitmusTests(ITestOutputHelper output)
{
    private static readonly Lazy<IReadOnlyList<CompiledLitmus>> s_table = new(() => CompiledLitmus.Compile(LitmusTable.Tests));

    public static TheoryData<string, string> NamesAndModels => LitmusTable.NamesAndModels;

    private static CompiledLitmus Find(string name) => s_table.Value.Single(t => t.Test.Name == name);

    [Theory]
    [MemberData(nameof(NamesAndModels))]
    public void Exhaustive_exploration_reaches_exactly_the_listed_outcomes(string name, string model)
    {
        var clock = Stopwatch.StartNew();
        LitmusExploration exploration = Find(name).Explore(new MemoryModelOptions { Model = MemoryModel.Parse(model) });
        output.WriteLine($"LITMUS {name} {model} {exploration.Executions} {clock.ElapsedMilliseconds}");
        if (Environment.GetEnvironmentVariable("LITMUS_LOG") is { } log)
            File.AppendAllText(log, $"LITMUS {name} {model} {exploration.Executions} {clock.ElapsedMilliseconds}\n");

        Assert.Equal(LitmusTable.Find(name).Outcomes[model].Order(StringComparer.Ordinal), exploration.Outcomes.Keys);
    }
}
