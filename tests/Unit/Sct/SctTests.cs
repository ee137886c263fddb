using Verify.Checker.Exploration;
using Verify.Checker.Runtime;
using Verify.Rewriter;
using Verify.Rewriter.Loading;
using Verify.Tests.Sct;

namespace Verify.Tests.Unit.Sct;

/// <summary>The SCTBench programs through the whole pipeline: rewritten, explored, found.</summary>
public class SctTests
{
    internal static IReadOnlyDictionary<string, Action> Rewritten => s_rewritten.Value;

    private static readonly Lazy<IReadOnlyDictionary<string, Action>> s_rewritten = new(() =>
        (IReadOnlyDictionary<string, Action>)RewrittenProgram.Load([typeof(SctCatalog).Assembly.Location], new RewriteOptions())
            .Assembly(typeof(SctCatalog).Assembly.GetName().Name!).GetType(typeof(SctCatalog).FullName!)!
            .GetProperty(nameof(SctCatalog.All))!.GetValue(null)!);

    // SafeStack takes SURW 370,000 schedules on average, and nobody else found it.
    public static TheoryData<string> Names => [.. SctCatalog.All.Keys.Where(n => n != "safestack")];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_portfolio_finds_every_program_within_a_thousand_schedules(string name)
    {
        foreach (ulong seed in (ulong[])[1, 2, 3])
        {
            ExplorationResult result = Explore(name, "portfolio", seed, 1000);

            Assert.True(result.Failure is not null, $"{name} with seed {seed} was not found");
            FailureKind[] kinds = name switch
            {
                "deadlock01" => [FailureKind.Deadlock],
                "qsort_mt" => [FailureKind.Deadlock, FailureKind.Assertion], // a part that nobody sorts, or a worker that nobody ends
                _ => [FailureKind.Assertion],
            };
            Assert.Contains(result.Failure!.Kind, kinds);
        }
    }

    [Theory]
    [InlineData("reorder_100")]
    [InlineData("twostage_100")]
    public void A_hundred_threads_need_few_schedules_on_average(string name)
    {
        double mean = Enumerable.Range(0, 10).Average(seed => (double)Explore(name, "portfolio", (ulong)seed, 1000).Schedules);

        Assert.InRange(mean, 1, 50); // the project's goal; SURW's authors report 194 and 454
    }

    private static ExplorationResult Explore(string name, string strategy, ulong seed, long schedules) =>
        Explorer.Explore(s_rewritten.Value[name], new ExplorationOptions { Strategy = strategy, Seed = seed, Schedules = schedules });
}
