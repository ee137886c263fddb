using Verify.Cli.Runs;
using Verify.Engine.Dirty;
using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Tests.Unit.Engine;

namespace Verify.Tests.Unit.Migration;

/// <summary>
/// Guests that are migrated while they run, on two vCPUs and real threads. VERIFY_MIGRATIONS repeats each; 1 by default.
/// </summary>
public sealed class MigratedGuestTests
{
    private static readonly int s_times = int.TryParse(Environment.GetEnvironmentVariable("VERIFY_MIGRATIONS"), out int times) ? times : 1;

    public static TheoryData<string> SoundDesigns => [.. DirtyMemoryCatalog.All.Where(entry => entry.IsSound).Select(entry => entry.Name)];

    [Theory]
    [MemberData(nameof(SoundDesigns))]
    public void A_guest_migrated_under_hotplug_finds_every_byte_in_the_other_machine_and_goes_on(string design)
    {
        for (int i = 0; i < s_times; i++)
        {
            RunPlan plan = new() { MigrateAt = 500_000, Hotplug = [(1 << 20, 300_000), (4 << 20, 600_000 + (i * 10_000)), (1 << 20, 900_000)] };
            (SupervisedRun run, string output) = Execute("hotplug", plan, new MachineOptions { DirtyMemory = design, DirtyBlockPages = 128 });
            Assert.Equal("hotplug 13445824236862206282\nwrong 0\n", output);
            Assert.True(run.Migration!.PagesSent > 0);
        }
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

    private static (SupervisedRun Run, string Output) Execute(string guest, RunPlan plan, MachineOptions options)
    {
        StringWriter console = new();
        SupervisedRun run = new(
            Guests.Load(guest), InvalidationCatalog.Find("per-cpu-flag"),
            Small(options) with { Cpus = 2, Console = console, MaxRamSize = plan.Hotplug.Count == 0 ? 0 : 32 << 20 }, plan);
        GuestResult result = run.Execute(TestContext.Current.CancellationToken);
        Assert.Null(run.Difference);
        Assert.Equal((0L, null), (result.ExitCode, result.Fault));
        return (run, console.ToString());
    }

    // Little RAM, so that the bulk round is over long before the guest is.
    private static MachineOptions Small(MachineOptions options) => options with { RamSize = 4 << 20 };
}
