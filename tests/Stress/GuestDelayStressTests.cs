using System.Globalization;
using Verify.Cli.Stress;
using Verify.Engine.Backends;

namespace Verify.Tests.Stress;

/// <summary>
/// Whole guests with delays before the engine's synchronization, on four vCPUs whose threads are moved between processors: what <c>verify stress --guests</c> does.
/// VERIFY_STRESS_SECONDS is the time a guest, strategy and back end; by default each runs once.
/// </summary>
public sealed class GuestDelayStressTests(ScenarioStressTests.Worker worker) : IClassFixture<ScenarioStressTests.Worker>
{
    private static readonly double s_seconds =
        double.TryParse(Environment.GetEnvironmentVariable("VERIFY_STRESS_SECONDS"), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) ? seconds : 0;

    private static readonly string[] s_default = ["smc"]; // the others are run when a time is given

    public static TheoryData<string, BackendKind> Guests
    {
        get
        {
            TheoryData<string, BackendKind> data = [];
            foreach (string guest in s_seconds > 0 ? GuestStressCells.Guests : s_default)
            {
                foreach (BackendKind backend in Enum.GetValues<BackendKind>())
                {
                    data.Add(guest, backend);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Guests))]
    public void A_guest_ends_as_it_must_under_every_sound_strategy(string guest, BackendKind backend)
    {
        long linked = 0;
        foreach (GuestStressCell cell in GuestStressCells.Of([guest]).Where(c => c.IsSound && c.Backend == backend))
        {
            StressResult result = worker.Process.Run(new StressRequest("", "", s_seconds, Seed: 1, cell));

            Assert.True(
                result.Failures == 0,
                $"{cell.Strategy} failed in run {result.First} of {result.Runs}: {string.Join("; ", result.Outcomes.Keys)}\n"
                + $"see it again with: verify stress --guests {guest} --seconds 10");
            linked += result.Events!["Linked"];
        }

        Assert.True(linked > 0); // the audit that would see a wrong link was there
    }

    /// <summary>So that the test above can fail: a race of the first scenario, in a guest that modifies its code.</summary>
    [Fact]
    public void A_refuted_strategy_shows_in_a_guest()
    {
        GuestStressCell cell = GuestStressCells.Of(["smc"]).First(c => c.Strategy == "global-flag");
        var outcomes = new List<string>();
        for (ulong seed = 1; seed <= 50 && outcomes.Count == 0; seed++)
        {
            outcomes.AddRange(worker.Process.Run(new StressRequest("", "", s_seconds, seed, cell)).Outcomes.Keys);
        }

        Assert.Contains(outcomes, o => o.Contains("patches a recycled block", StringComparison.Ordinal));
    }
}
