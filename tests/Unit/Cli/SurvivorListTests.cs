using Verify.Cli.Mutants;
using Verify.Cli.Subjects;
using Verify.Rewriter.Mutation;

namespace Verify.Tests.Unit.Cli;

public class SurvivorListTests
{
    private static readonly IReadOnlyList<MutationSite> s_sites = MutationCatalog.Sites(ScenarioSubject.EnginePath);

    [Fact]
    public void Every_known_survivor_is_a_place_that_exists()
    {
        Survivor[] gone = [.. SurvivorList.All.Where(s => !s_sites.Any(s.Is))];

        Assert.True(
            gone.Length == 0,
            "no such place any more; take it off tools/Verify/Mutants/survivors.json, or name the place as `verify mutate --list` does:\n"
            + string.Join("\n", gone.Select(s => $"{s.Operator} {s.What} in {s.Method}")));
    }

    [Fact]
    public void Every_known_survivor_is_there_once_with_a_class_and_a_reason()
    {
        Assert.Equal(SurvivorList.All.Count, SurvivorList.All.DistinctBy(s => (s.Operator, s.Method, s.What)).Count());
        Assert.All(SurvivorList.All, s => Assert.Contains(s.Class, SurvivorList.Classes));
        Assert.All(SurvivorList.All, s => Assert.True(s.Reason.Length > 10, $"{s.Method} has no reason"));
    }

    [Fact]
    public void Every_survivor_of_the_last_run_over_all_places_has_a_reason() =>
        Assert.True(
            MutationRecord.Last.Classified == MutationRecord.Last.Survived && MutationRecord.Last.Survived > 0,
            $"docs/mutation.md: {MutationRecord.Last}; put the others on tools/Verify/Mutants/survivors.json, or write a scenario that kills them");

    [Fact]
    public void Every_place_of_the_last_run_is_killed_or_survived_or_not_reached() =>
        Assert.Equal(MutationRecord.Last.Places, MutationRecord.Last.Killed + MutationRecord.Last.Survived + MutationRecord.Last.NotReached);

    [Fact]
    public void A_survivor_is_accepted_only_at_its_own_place()
    {
        MutationSite site = s_sites[0];
        var known = new Survivor(site.Mutation.Operator, site.Mutation.Method, site.What, "equivalent", "for this test");

        Assert.True(known.Is(site));
        Assert.DoesNotContain(s_sites, s => known.Is(s) && (s.Mutation.Method != site.Mutation.Method || s.Mutation.Operator != site.Mutation.Operator || s.What != site.What));
        Assert.False((known with { What = "something else" }).Is(site));
    }
}
