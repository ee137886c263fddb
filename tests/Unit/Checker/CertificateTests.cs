using Verify.Checker.Campaigns;
using Verify.Checker.Exploration;
using Verify.Checker.Runtime;
using Verify.Checker.Shims;

namespace Verify.Tests.Unit.Checker;

/// <summary>Certificates of small programs equal the counts worked out by hand.</summary>
public sealed class CertificateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("verify-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // W(x) R(y) against W(y) R(x).
    private static void StoreBuffering()
    {
        int x = 0, y = 0;
        Program.InParallel(
            () => { VolatileShim.Write(ref x, 1, 0); VolatileShim.Read(ref y, 0); },
            () => { VolatileShim.Write(ref y, 1, 0); VolatileShim.Read(ref x, 0); });
    }

    // R(x) W(x) against R(x) W(x).
    private static void TwoIncrements()
    {
        int x = 0;
        void Add() => VolatileShim.Write(ref x, VolatileShim.Read(ref x, 0) + 1, 0);
        Program.InParallel(Add, Add);
    }

    // Three critical sections of one lock, one of them after an event of its own.
    private static void ThreeCriticalSections()
    {
        int x = 0, own = 0;
        object gate = new();
        Action add = () => Program.Lock(gate, () => x++);
        Program.InParallel(add, add, () => { VolatileShim.Write(ref own, 1, 0); add(); });
    }

    private static Action Body(string cell) => cell switch
    {
        "store-buffering" => StoreBuffering,
        "two-increments" => TwoIncrements,
        "three-critical-sections" => ThreeCriticalSections,
        "lost" => Program.LostUpdate,
        _ => throw new ArgumentException(cell),
    };

    private static CampaignState Run(CampaignPlan plan, int workers = 1, Shard? shard = null)
    {
        var state = new CampaignState(plan);
        Campaign.Run(
            state, shard ?? Shard.Whole, [.. Enumerable.Range(0, workers).Select(_ => (Func<IBlockRunner>)(() => new LocalBlockRunner(Body)))], _ => { }, default);
        return state;
    }

    private static CampaignPlan Plan(string strategy, int preemptions = 2, ulong seed = 1, long schedules = 100_000, params string[] cells) => new()
    {
        Cells = [.. cells.Select(c => new CampaignCell(c))],
        Strategies = [strategy],
        Options = new ExplorationOptions { Schedules = schedules, Preemptions = preemptions, Seed = seed },
        Modules = new Dictionary<string, string> { ["A"] = "1" },
    };

    // Store buffering: x is read before or after its write, so is y; both before would be a cycle: 4 - 1 = 3.
    // Two increments: r1 w1 r2 w2; r2 w2 r1 w1; both reads first and then the writes in either order: 4.
    // Three critical sections: in any order, 3! = 6; the event apart is ordered with nothing, so it adds no class.
    [Theory]
    [InlineData("store-buffering", 3)]
    [InlineData("two-increments", 4)]
    [InlineData("three-critical-sections", 6)]
    public void A_certificate_has_the_counts_worked_out_by_hand(string cell, long classes)
    {
        Certificate dpor = Assert.Single(Run(Plan("dpor", cells: cell)).Status(0).Certificates);
        Assert.Equal("complete", dpor.Claim);
        Assert.Equal((classes, classes), (dpor.Executions, dpor.Classes));

        // What is the same class for one search is for the other: the digest is over all of them.
        // Two preemptions are enough to reach every class of these.
        Certificate dfs = Assert.Single(Run(Plan("dfs", preemptions: 2, cells: cell)).Status(0).Certificates);
        Assert.Equal((classes, dpor.Digest), (dfs.Classes, dfs.Digest));
        Assert.True(dfs.Executions > classes);
    }

    // Without a preemption a thread runs to its end: two orders, two classes. With one, the first thread stops after its write, the other runs to
    // its end and both read 1: the third.
    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 3)]
    [InlineData(2, 3)]
    public void A_bound_is_part_of_the_claim(int preemptions, long classes)
    {
        Certificate certificate = Assert.Single(Run(Plan("dfs", preemptions, cells: "store-buffering")).Status(0).Certificates);

        Assert.Equal($"complete at preemption bound {preemptions}", certificate.Claim);
        Assert.Equal(classes, certificate.Classes);
    }

    [Fact]
    public void A_bound_that_keeps_nothing_out_is_not_in_the_claim()
    {
        // main starts two threads, each of two events, and joins them: there are never more than 10 places to be preempted at.
        Certificate certificate = Assert.Single(Run(Plan("dfs", 10, schedules: 1_000_000, cells: "store-buffering")).Status(0).Certificates);

        Assert.Equal("complete", certificate.Claim);
        Assert.Null(certificate.Preemptions);
    }

    [Fact]
    public void A_search_that_was_ended_has_the_certificate_of_the_bound_it_came_to()
    {
        CellStatus status = Run(Plan("dfs", 5, schedules: 200, cells: "three-critical-sections")).Status(0);

        Certificate certificate = Assert.Single(status.Certificates);
        Assert.InRange(certificate.Preemptions!.Value, 0, 4);
        Assert.False(status.Exhausted);
        SearchStatus search = Assert.Single(status.Searches);
        Assert.Equal(5, search.Bound);
        Assert.InRange(search.Explored, 0.0, 0.999);
    }

    [Theory]
    [InlineData("dpor", 2, "lost")]
    [InlineData("dfs", 2, "lost")]
    [InlineData("random", 2, "store-buffering")]
    [InlineData("dpor", 2, "two-increments", 3)]
    public void What_failed_or_was_sampled_or_did_not_end_has_no_certificate(string strategy, int preemptions, string cell, long schedules = 1000) =>
        Assert.Empty(Run(Plan(strategy, preemptions, schedules: schedules, cells: cell)).Status(0).Certificates);

    [Fact]
    public void Certificates_depend_neither_on_seeds_nor_on_workers_nor_on_shards()
    {
        string[] cells = ["store-buffering", "two-increments", "three-critical-sections"];
        CampaignPlan plan = Plan("dfs", 1, schedules: 8000, cells: cells);
        string one = Text(Run(plan));

        Assert.Equal(3 * 2 * 8, Run(plan).Results.Count()); // cells, bounds, parts
        Assert.Equal(one, Text(Run(plan, workers: 3)));
        Assert.Equal(one, Text(Run(Plan("dfs", 1, seed: 99, schedules: 8000, cells: cells))));
        CampaignState merged = Run(plan, shard: new Shard(1, 3));
        Assert.All(merged.Statuses(), s => Assert.Empty(s.Certificates));
        merged.Merge(Run(plan, shard: new Shard(3, 3)));
        merged.Merge(Run(plan, shard: new Shard(2, 3)));
        Assert.Equal(one, Text(merged));

        static string Text(CampaignState state) =>
            string.Join("\n", state.Statuses().SelectMany(s => s.Certificates).Select(c => $"{c.Test} {c.Claim} {c.Executions} {c.Classes} {c.Digest}"));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(16)]
    public void Parts_of_a_search_are_the_search(int parts)
    {
        (long executions, long schedules, TraceSet traces) = Search(0, 1);
        long sum = 0;
        var union = new TraceSet(TraceSet.Most);
        for (int part = 0; part < parts; part++)
        {
            (long some, long run, TraceSet set) = Search(part, parts);
            Assert.Equal(run, some + (part == 0 ? 0 : 1)); // the first execution again
            sum += some;
            union.UnionWith(set);
        }

        Assert.Equal(schedules, executions);
        Assert.Equal(executions, sum);
        Assert.Equal(traces.Digest, union.Digest);

        static (long Executions, long Schedules, TraceSet Traces) Search(int part, int parts)
        {
            ExplorationResult result = Explorer.Explore(
                ThreeCriticalSections,
                new ExplorationOptions
                {
                    Strategy = "dfs",
                    FirstPreemptions = 1,
                    Preemptions = 1,
                    Part = part,
                    Parts = parts,
                    Schedules = 1_000_000,
                    CountTraces = true,
                });
            Assert.True(result.Exhausted);
            return (result.Search!.Executions, result.Schedules, result.Coverage[0].Traces!);
        }
    }

    [Fact]
    public void Of_several_failures_the_one_with_the_fewest_preemptions_counts_whatever_the_number_of_workers()
    {
        CampaignPlan plan = Plan("dfs", 2, schedules: 4000, cells: "lost");
        for (int workers = 1; workers <= 3; workers++)
        {
            CampaignState state = Run(plan, workers);

            Assert.Equal(1, state.Plan.OptionsOf(state.FirstFailing(0)).Preemptions);
            Assert.Equal(Run(plan).Status(0).Found!.Schedule!.Digest, state.Status(0).Found!.Schedule!.Digest);
        }
    }

    [Theory]
    [InlineData("dfs")]
    [InlineData("dpor")]
    [InlineData("exhaustive")]
    public void The_estimate_of_what_is_explored_ends_at_all_of_it_and_stays_below_before(string strategy)
    {
        var explored = new List<double>();
        ExplorationResult result = Explorer.Explore(
            ThreeCriticalSections,
            new ExplorationOptions { Strategy = strategy, Schedules = 100_000, FirstPreemptions = 1, Preemptions = 1 },
            p => explored.Add(p.Search!().Explored));

        Assert.True(result.Exhausted);
        Assert.Equal(1, result.Search!.Explored);
        Assert.All(explored, e => Assert.InRange(e, 0, 1));
        if (strategy != "dpor")
        {
            Assert.Equal(explored.Order(), explored); // dpor finds more to try on the way
        }
    }

    // Each of three waits either takes from the semaphore or times out, whatever the others do: 2 * 2 * 2 executions, known after the first.
    [Fact]
    public void The_estimate_is_exact_where_the_tree_is_regular()
    {
        var estimates = new List<double?>();
        ExplorationResult result = Explorer.Explore(
            () =>
            {
                SemaphoreSlim semaphore = SemaphoreSlimShim.Create(3, 0);
                for (int i = 0; i < 3; i++)
                {
                    SemaphoreSlimShim.Wait(semaphore, 10, 0);
                }
            },
            new ExplorationOptions { Strategy = "dfs", Preemptions = 0, Schedules = 1000 },
            p => estimates.Add(p.Search!().Estimate));

        Assert.Equal(8, result.Schedules);
        Assert.Equal(8, result.Search!.Estimate);
        Assert.All(estimates.Skip(1), e => Assert.Equal(8, e!.Value, 6));
    }

    [Fact]
    public void Certificates_survive_their_files_and_old_ones_are_removed()
    {
        CampaignState state = Run(Plan("dpor", cells: ["store-buffering", "lost"]));
        string stale = Path.Combine(_folder, CertificateFile.Name("lost", "dpor"));
        File.WriteAllText(stale, "{}");

        (Certificate certificate, string name) = Assert.Single(CertificateFile.SaveAll(state, _folder));

        Certificate read = CertificateFile.Load(Path.Combine(_folder, name));
        Assert.Equal(certificate with { Modules = read.Modules }, read);
        Assert.Equal("1", read.Modules["A"]);
        Assert.Equal(MemoryOptions.Default, read.Memory);
        Assert.False(File.Exists(stale));
        CampaignFile.Save(state, Path.Combine(_folder, "progress.json"));
        CampaignState loaded = CampaignFile.Load(Path.Combine(_folder, "progress.json"));
        Assert.Equal(certificate with { Modules = read.Modules }, Assert.Single(loaded.Status(0).Certificates) with { Modules = read.Modules });
    }

    [Theory]
    [InlineData("\"verify-certificate\"", "\"other\"", "not a Verify certificate")]
    [InlineData("\"version\": 1", "\"version\": 2", "format version 2")]
    [InlineData("\"strategy\": \"dpor\"", "\"strategy\": \"random\"", "not a search")]
    [InlineData("\"executions\": 3", "\"executions\": 0", "counts contradict")]
    [InlineData("\"classes\": 3", "\"classes\": 4", "counts contradict")]
    [InlineData("\"memory\": \"sc\"", "\"memory\": \"alpha\"", "not a certificate")]
    [InlineData("{", "", "not a certificate")]
    public void A_damaged_certificate_is_refused(string find, string replace, string reason)
    {
        (_, string name) = Assert.Single(CertificateFile.SaveAll(Run(Plan("dpor", cells: "store-buffering")), _folder));
        string path = Path.Combine(_folder, name), text = File.ReadAllText(path);
        int at = text.IndexOf(find, StringComparison.Ordinal);
        Assert.True(at >= 0);
        File.WriteAllText(path, text[..at] + replace + text[(at + find.Length)..]);

        CertificateFormatException e = Assert.Throws<CertificateFormatException>(() => CertificateFile.Load(path));

        Assert.Contains(reason, e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }
}
