using System.Text.Json;
using Verify.Cli.Guests;
using Verify.Engine.Execution;
using Verify.Engine.Invalidation;

namespace Verify.Tests.Unit.Cli;

public class RunVerbTests
{
    /// <summary>The peak of the whole process, measured by the process itself: the same guest, 16 times the RAM.</summary>
    [Fact]
    public void A_gibibyte_of_guest_RAM_costs_no_more_host_memory_than_is_touched()
    {
        long small = Run("64M"), large = Run("1G");

        Assert.InRange(large, 1, small + (128 << 20));

        static long Run(string ram) => Json("run", "guests/bin/sieve.elf", "--ram", ram, "--json").GetProperty("hostMemoryBytes").GetInt64();
    }

    [Fact]
    public void A_guest_on_one_vCPU_leaves_the_same_RAM_whatever_the_strategy_and_the_axes()
    {
        string[] digests =
        [
            .. from options in (string[][])[[], ["--flush", "exclusive"], ["--storage", "grace", "--tb-capacity", "4"], ["--strategy", "exclusive-flush"]]
               select Json(["run", "guests/bin/interrupts.elf", "--json", .. options]).GetProperty("ramDigest").GetString()!,
        ];

        Assert.Single(digests.Distinct());
        Assert.NotEqual(digests[0], Json("run", "guests/bin/sieve.elf", "--json").GetProperty("ramDigest").GetString());
    }

    [Fact]
    public void All_runs_every_strategy_by_every_back_end_on_one_two_and_four_vCPUs_and_compares()
    {
        JsonElement matrix = Json("run", "guests/bin/fib.elf", "guests/bin/smc.elf", "--all", "--json");
        JsonElement[] rows = [.. matrix.GetProperty("rows").EnumerateArray()];

        Assert.True(matrix.GetProperty("holds").GetBoolean());
        Assert.Equal(
            from guest in new[] { "fib", "smc" } from cpus in new[] { 1, 2, 4 } from backend in new[] { "interp", "x64", "x64-flat" } select (cpus, backend),
            rows.Select(r => (r.GetProperty("cpus").GetInt32(), r.GetProperty("backend").GetString()!)));
        Assert.All(rows, row => Assert.Equal(
            InvalidationCatalog.All.Select(s => s.Name), row.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("strategy").GetString())));
    }

    [Fact]
    public void An_unsound_combination_says_why()
    {
        (int exit, _, string error) = CommandLine.Run("run", "guests/bin/fib.elf", "--strategy", "valid-marker", "--storage", "recycled");

        Assert.Equal(0, exit); // it has one vCPU
        Assert.Contains("valid-marker/under-lock/recycled is unsound: a new block in the slot takes the mark away (TB04)", error);
    }

    [Theory]
    [InlineData(1, 0, "same", "ram", true)]
    [InlineData(1, 1, "same", "ram", false)]
    [InlineData(1, 0, "other", "ram", false)]
    [InlineData(1, 0, "same", "other", false)]
    [InlineData(2, 0, "same", "other", true)]
    [InlineData(2, 0, "other", "ram", false)]
    public void One_strategy_with_another_result_makes_a_row_differ(int cpus, int exitCode, string console, string ram, bool holds)
    {
        GuestMatrix matrix = new();
        matrix.Add(Outcome(0, "ram"), "same");
        matrix.Add(Outcome(0, "ram"), "same");
        matrix.Add(Outcome(exitCode, ram), console);

        Assert.Equal(holds, matrix.Holds);
        Assert.Equal(ram == "ram", Assert.Single(matrix.Rows).SameRam);

        GuestOutcome Outcome(long code, string digest) =>
            new("guest", cpus, InvalidationCatalog.All[0], "interp", new GuestResult(code, 1, 0, 1, 1, null, null), digest, 0);
    }

    [Fact]
    public void A_back_end_that_makes_a_difference_is_told()
    {
        GuestMatrix matrix = new();
        foreach ((string backend, string ram) in new[] { ("interp", "ram"), ("x64", "other") })
        {
            matrix.Add(new("guest", 1, InvalidationCatalog.All[0], backend, new GuestResult(0, 1, 0, 1, 1, null, null), ram, 0), "same");
        }

        Assert.Equal([true, false], matrix.Rows.Select(r => r.Holds));
    }

    private static JsonElement Json(params string[] args)
    {
        (int exit, string output, string error) = CommandLine.Run(args);
        Assert.True(exit == 0, error);
        return JsonDocument.Parse(output).RootElement;
    }
}
