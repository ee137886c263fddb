using System.Globalization;
using Verify.Cli.Stress;
using Verify.Scenarios;

namespace Verify.Tests.Stress;

/// <summary>
/// Every sound variant of every scenario on real threads, with delays before its synchronization and threads moved between processors.
/// VERIFY_STRESS_SECONDS is the time a variant; 0.05 by default.
/// </summary>
public sealed class ScenarioStressTests(ScenarioStressTests.Worker worker) : IClassFixture<ScenarioStressTests.Worker>
{
    /// <summary>One for all tests: it takes longer to start than a variant takes.</summary>
    public sealed class Worker : IDisposable
    {
        internal StressProcess Process { get; } = new();

        public void Dispose() => Process.Dispose();
    }

    private static readonly double s_seconds =
        double.TryParse(Environment.GetEnvironmentVariable("VERIFY_STRESS_SECONDS"), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) ? seconds : 0.05;

    public static TheoryData<string> Scenarios => [.. ScenarioCatalog.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void A_sound_variant_does_not_fail_on_real_threads(string scenario)
    {
        foreach (ScenarioVariant variant in ScenarioCatalog.Find(scenario).Variants.Where(v => v.Expected == ExpectedVerdict.Clean))
        {
            StressResult result = worker.Process.Run(new StressRequest(scenario, variant.Name, s_seconds, Seed: 1));

            Assert.True(
                result.Failures == 0,
                $"{variant.Name} failed in run {result.First} of {result.Runs}: {string.Join("; ", result.Outcomes.Keys)}\n"
                + $"see it again with: verify stress --scenario {scenario} --variant {variant.Name} --seconds 10");
            Assert.True(result.Runs > 0);
        }
    }

    /// <summary>So that the test above can fail: a race of the first scenarios, which real threads hit every few runs.</summary>
    [Fact]
    public void A_race_shows_on_real_threads()
    {
        var outcomes = new List<string>();
        for (int attempt = 0; attempt < 200 && outcomes.Count == 0; attempt++)
        {
            outcomes.AddRange(worker.Process.Run(new StressRequest("flush-vs-last-tb", "marker-with-recycled-storage", s_seconds, (ulong)attempt + 1)).Outcomes.Keys);
        }

        Assert.Contains(outcomes, o => o.Contains("patches a recycled block", StringComparison.Ordinal));
    }
}
