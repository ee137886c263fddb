using Verify.Cli.Compare;

namespace Verify.Tests.Unit.Compare;

/// <summary>A recommendation follows from the rows: sound first, then cheap, and it says when another wins.</summary>
public class AdviceTests
{
    private static readonly CostColumn[] s_columns = [new("a", "first", "ns"), new("b", "second", "ns")];

    private static ComparisonRow Row(string name, double a, double b, string? race = null, string? flaw = null, int open = 0) => new(
        name,
        new Soundness(1000, ["sc"], race is null ? [] : [new FoundRace("some-scenario", "sc", race, 7, "verify replay x")], flaw, open),
        new Dictionary<string, Cost> { ["a"] = new(a), ["b"] = new(b) });

    [Fact]
    public void The_cheapest_that_is_sound_is_taken_and_who_wins_where_is_said()
    {
        string advice = string.Join('\n', Advice.For([Row("fast-but-racy", 1, 1, race: "lost"), Row("even", 10, 10), Row("one-sided", 5, 100)], s_columns));
        Assert.StartsWith("Take even: no race in 1,000 schedules under sc", advice);
        Assert.Contains("one-sided wins where \"first\" decides: 5.0 ns against 10 ns", advice);
        Assert.Contains("Do not take fast-but-racy: a race was found", advice);
    }

    [Fact]
    public void What_the_catalogue_calls_unsound_is_not_taken_though_nothing_was_found()
    {
        string advice = string.Join('\n', Advice.For([Row("flawed", 1, 1, flaw: "a missed event"), Row("good", 2, 2)], s_columns));
        Assert.StartsWith("Take good", advice);
        Assert.Contains("Do not take flawed: a missed event. 1,000 schedules did not show it", advice);
    }

    [Fact]
    public void What_was_not_explored_to_its_end_is_not_taken()
    {
        string advice = string.Join('\n', Advice.For([Row("unfinished", 1, 1, open: 2)], s_columns));
        Assert.StartsWith("Nothing can be recommended", advice);
    }

    [Fact]
    public void Costs_level_within_a_tenth_are_called_so() =>
        Assert.Contains(Advice.For([Row("x", 10, 10), Row("y", 10.2, 10.2)], s_columns), a => a == "y costs the same within a tenth.");

    [Fact]
    public void A_race_in_what_the_catalogue_calls_sound_is_not_expected()
    {
        Assert.False(Row("x", 1, 1, race: "lost").Soundness.AsExpected);
        Assert.True(Row("x", 1, 1, race: "lost", flaw: "known").Soundness.AsExpected);
    }

    [Fact]
    public void Another_back_end_for_which_another_is_cheapest_is_named()
    {
        CostColumn[] columns = [new("a", "first", "ns", "interp"), new("b", "first", "ns", "x64")];
        string differs = string.Join('\n', Advice.For([Row("x", 10, 20), Row("y", 20, 10)], columns));
        Assert.StartsWith("Take x", differs);
        Assert.Contains("With the x64 back end take y instead: 1.00 times the best of each column, against 2.00 of x.", differs);
        Assert.Contains("y wins where \"first, x64\" decides", differs);
        Assert.Contains("With the x64 back end the choice is the same.", Advice.For([Row("x", 10, 10), Row("y", 20, 20)], columns));
    }

    [Fact]
    public void A_count_of_none_is_the_best_there_is_and_no_infinity()
    {
        CostColumn[] columns = [new("a", "first", "lines"), new("b", "second", "ns")];
        string advice = string.Join('\n', Advice.For([Row("none", 0, 10), Row("one", 1, 10)], columns));
        Assert.StartsWith("Take none", advice);
        Assert.Contains("(1.00 times the best", advice);
    }
}
