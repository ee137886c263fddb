using Verify.Checker.MemoryModels;
using Verify.Checker.MemoryModels.Litmus;

namespace Verify.Tests.Unit.MemoryModels;

public class LitmusTableTests
{
    public static TheoryData<string, string> NamesAndModels => LitmusTable.NamesAndModels;

    public static TheoryData<string, string> Variants
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach (LitmusTest test in LitmusTable.Tests)
            {
                foreach (string variant in test.Variants.Keys)
                    data.Add(test.Name, variant);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(NamesAndModels))]
    public void Exhaustive_search_reaches_exactly_the_listed_outcomes(string name, string model) =>
        AssertExact(name, model, Placement.Complete);

    [Theory]
    [MemberData(nameof(NamesAndModels))]
    public void Practical_slots_lose_no_outcome_of_the_table(string name, string model) =>
        AssertExact(name, model, Placement.Practical);

    [Theory]
    [MemberData(nameof(Variants))]
    public void An_option_gives_the_verdict_listed_for_it(string name, string variant)
    {
        LitmusTest test = LitmusTable.Find(name);
        MemoryModelOptions options = LitmusVariant.All.Single(v => v.Name == variant).Options;
        Assert.Equal(test.Variants[variant], new LitmusExplorer(test, options).Explore().ConditionReached);
    }

    [Fact]
    public void Every_test_of_the_table_has_all_three_outcome_sets() =>
        Assert.All(LitmusTable.Tests, t => Assert.Equal(MemoryModel.All.Select(m => m.Name).Order(), t.Outcomes.Keys.Order()));

    private static void AssertExact(string name, string model, Placement placement)
    {
        LitmusTest test = LitmusTable.Find(name);
        LitmusExploration exploration = new LitmusExplorer(
            test, new MemoryModelOptions { Model = MemoryModel.Parse(model), Placement = placement }).Explore();
        Assert.Equal(test.Outcomes[model].Order(StringComparer.Ordinal), exploration.Outcomes.Keys);
        Assert.Equal(test.Allowed[model], exploration.ConditionReached);
    }
}
