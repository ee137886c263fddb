using Verify.Scenarios;

namespace Verify.Tests.Unit.Scenarios;

public class HazardTests
{
    [Fact]
    public void Every_hazard_has_a_scenario_or_a_reason_why_it_has_none()
    {
        string[] neither = [.. HazardList.All.Where(h => !HazardList.WithScenario.Contains(h) && !HazardList.WithoutScenario.ContainsKey(h))];

        Assert.True(neither.Length == 0, $"{string.Join(", ", neither)}: write a scenario that names it in its source or a reason, or say in HazardList why not");
        Assert.Equal(60, HazardList.All.Count);
        Assert.All(HazardList.WithoutScenario, h => Assert.Contains(h.Key, HazardList.All));
        Assert.Contains("TB01", HazardList.WithScenario);
    }

    [Theory]
    [InlineData("flush", "flush-vs-last-tb")] // a part of the name
    [InlineData("rcu-bsaic", "rcu-basic")]
    [InlineData("tlb", "tlb-writers")]
    public void An_unknown_name_is_answered_with_the_nearest_few(string typed, string meant)
    {
        string message = Assert.Throws<UnknownScenarioException>(() => ScenarioCatalog.Find(typed)).Message;

        Assert.Contains(meant, message);
        Assert.Equal(5, ScenarioCatalog.All.Count(s => message.Contains(" " + s.Name + ",", StringComparison.Ordinal) || message.Contains(" " + s.Name + ";", StringComparison.Ordinal)));
    }
}
