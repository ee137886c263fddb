using Verify.Cli.Runs;
using Verify.Engine.Dirty;
using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Migration;
using Verify.Tests.Unit.Engine;

namespace Verify.Tests.Unit.Migration;

/// <summary>
/// Guests that are migrated while they run, on two vCPUs and real threads. VERIFY_MIGRATIONS repeats each; 1 by default.
/// </summary>
public sealed class MigratedGuestTests
{
    private static readonly int s_times = int.TryParse(Environment.GetEnvironmentVariable("VERIFY_MIGRATIONS"), out int times) ? times : 1;

    /// <summary>And with every block that is not clean taken whole, in designs that can.</summary>
    public static TheoryData<string, int> SoundDesignsAndDenseWords =>
    [
        .. DirtyMemoryCatalog.All.Where(entry => entry.IsSound).Select(entry => (entry.Name, DirtyMemoryOptions.DefaultDenseWords)),
        .. DirtyMemoryCatalog.All.Where(entry => entry.IsSound && entry.Name.StartsWith("rcu", StringComparison.Ordinal))
            .Select(entry => (entry.Name, 0)),
    ];

    public static TheoryData<string> SoundDesigns => [.. DirtyMemoryCatalog.All.Where(entry => entry.IsSound).Select(entry => entry.Name)];

    [Theory]
    [MemberData(nameof(SoundDesignsAndDenseWords))]
    public void A_guest_migrated_under_hotplug_finds_every_byte_in_the_other_machine_and_goes_on(string design, int denseWords)
    {
        for (int i = 0; i < s_times; i++)
        {
            RunPlan plan = new() { MigrateAt = 500_000, Hotplug = [(1 << 20, 300_000), (4 << 20, 600_000 + (i * 10_000)), (1 << 20, 900_000)] };
            (SupervisedRun run, string output) = Execute("hotplug", plan, SmallBlocks(design, denseWords));
            Assert.Equal("hotplug 13445824236862206282\nwrong 0\n", output);
            Assert.True(run.Migration!.PagesSent > 0);
        }
    }

    [Theory]
    [MemberData(nameof(SoundDesignsAndDenseWords))]
    public void Every_vCPU_of_a_guest_runs_on_between_the_rounds_of_its_migration_and_after_it(string design, int denseWords)
    {
        for (int i = 0; i < s_times; i++)
        {
            MigrationWitness witness = new(TestContext.Current.CancellationToken);
            RunPlan plan = new() { MigrateAt = 200_000, Hotplug = [(MigrationWitness.BlockSize, 50_000 + (i * 3_000))] };
            (SupervisedRun run, string output) = Execute(
                "moving", plan, SmallBlocks(design, denseWords), witness.RoundDone, witness.HandedOver);

            Assert.Equal("moving wrong 0\n", output); // it ends only after the third block, which comes after the handover
            Assert.Equal(["plugged0"], witness.BlocksBefore);
            Assert.Equal(["plugged0", "within"], witness.BlocksAtHandover);
            Assert.Equal(["plugged0", "within", "after"], witness.BlocksAtEnd);
            Assert.True(run.Migration!.BlocksChanged >= 1);
            Assert.True(run.Migration.LastRoundPages > 0, "nothing was stored after the last round with running vCPUs");
            for (int cpu = 0; cpu < 2; cpu++)
            {
                long[] inRounds = [.. witness.RetiredInRounds.Select(retired => retired[cpu])];
                Assert.Equal(run.Migration.Rounds - 1, inRounds.Length);
                Assert.Equal(inRounds.Order().Distinct(), inRounds); // strictly more each time
                Assert.InRange(run.Migration.RetiredAtStop[cpu], inRounds[^1], witness.RetiredAtEnd[cpu] - MigrationWitness.Progress);
            }
        }
    }

    [Fact]
    public void A_cancelled_migration_ends_the_guest_in_whichever_machine_it_is()
    {
        using CancellationTokenSource source = new();
        SupervisedRun run = new(
            Guests.Load("moving"), InvalidationCatalog.Find("per-cpu-flag"),
            Small(new MachineOptions { DirtyMemory = "rcu-blocks" }) with { Cpus = 2, Console = TextWriter.Null, MaxRamSize = 32 << 20 },
            new RunPlan { MigrateAt = 200_000 })
        {
            RoundDone = (_, _) => source.Cancel(),
        };
        GuestResult result = run.Execute(source.Token); // the guest by itself never ends
        Assert.Null(result.ExitCode);
        Assert.NotNull(run.Migration);
    }

    [Fact]
    public void A_target_that_cannot_take_the_guest_says_why_and_the_source_is_let_go()
    {
        SupervisedRun run = new(
            Guests.Load("moving"), InvalidationCatalog.Find("per-cpu-flag"),
            Small(new MachineOptions { DirtyMemory = "rcu-blocks" }) with { Cpus = 2, Console = TextWriter.Null, MaxRamSize = 32 << 20 },
            new RunPlan { MigrateAt = 200_000 })
        {
            DestinationOptions = options => options with { RamSize = 8 << 20 },
        };
        Assert.Contains("make both alike", Assert.Throws<MigrationException>(() => run.Execute(TestContext.Current.CancellationToken)).Message);
    }

    [Theory]
    [InlineData(KvmLogMode.ClearOnGet)]
    [InlineData(KvmLogMode.ManualClear)]
    [InlineData(KvmLogMode.Ring)]
    public void A_guest_whose_stores_a_kernel_logs_loses_none_in_a_migration(KvmLogMode mode)
    {
        MachineOptions options = new() { DirtyMemory = "rcu-blocks", KernelLog = mode, KernelRingEntries = 32 };
        (_, string output) = Execute("dirty", new RunPlan { MigrateAt = 10_000 }, options);
        Assert.Equal("......\ndirty 17176955159081404708\nwrong 0\n", output);
    }

    [Theory]
    [InlineData("interrupts", 5_000, "interrupts\nticks 20\nipis 25\nwrong 0\n")]
    [InlineData("vm", 5_000, "vm wrong 0\n")]
    [InlineData("smc", 1_500, "smc wrong 0\n")]
    [InlineData("spinlock", 100_000, "spinlock 40000\n")]
    public void Registers_timers_page_tables_and_code_go_with_the_guest(string guest, long at, string expected) =>
        Assert.Equal(expected, Execute(guest, new RunPlan { MigrateAt = at }, new MachineOptions { DirtyMemory = "master-bitmap" }).Output);

    [Theory]
    [MemberData(nameof(SoundDesigns))]
    public void Dirty_memory_alone_changes_nothing_for_a_guest_that_rewrites_its_code(string design)
    {
        StringWriter console = new();
        GuestResult result = GuestRun.Execute(
            Guests.Load("smc"), 2, "exclusive-flush", Small(new MachineOptions { DirtyMemory = design }), console, TestContext.Current.CancellationToken);
        Assert.Equal(("smc wrong 0\n", 0L, null), (console.ToString(), result.ExitCode, result.Fault));
    }

    private static (SupervisedRun Run, string Output) Execute(
        string guest, RunPlan plan, MachineOptions options, Action<Machine, int>? roundDone = null, Action<Machine>? handedOver = null)
    {
        StringWriter console = new();
        SupervisedRun run = new(
            Guests.Load(guest), InvalidationCatalog.Find("per-cpu-flag"),
            Small(options) with { Cpus = 2, Console = console, MaxRamSize = plan.Hotplug.Count == 0 ? 0 : 32 << 20 }, plan)
        {
            RoundDone = roundDone,
            HandedOver = handedOver,
        };
        GuestResult result = run.Execute(TestContext.Current.CancellationToken);
        Assert.Null(run.Difference);
        Assert.Equal((0L, null), (result.ExitCode, result.Fault));
        return (run, console.ToString());
    }

    private static MachineOptions SmallBlocks(string design, int denseWords) =>
        new() { DirtyMemory = design, DirtyBlockPages = 128, DirtyDenseWords = denseWords };

    // Little RAM, so that the bulk round is over long before the guest is.
    private static MachineOptions Small(MachineOptions options) => options with { RamSize = 4 << 20 };
}
