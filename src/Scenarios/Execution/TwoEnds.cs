using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Execution;

/// <summary>Two harts end the machine at once, each in its way, while somebody asks whether it has ended, and how.</summary>
/// <remarks>Invariant: the first end is the machine's, for whoever has been told of it. Found missing by <c>verify mutate</c>.</remarks>
public sealed class TwoEnds() : CaseScenario(
    ScenarioCase.Sound("two-exits", "the first exit code is kept, under the lock of the machine's end", () => Run(s_exits)),
    ScenarioCase.Sound("two-faults", "the first fault is kept, under the lock of the machine's end", () => Run(s_faults)),
    ScenarioCase.Mutant("last-counts", "the second end takes the place of the first, which somebody has been told of", Changes, RunLastCounts))
{
    private const string Changes = "has changed after it was told";
    private const int ExitGroup = 94;
    private const uint Illegal = 0;

    private static readonly GuestImage s_exits = GuestCode.Image(GuestCode.AddImmediate(GuestCode.A7, 0, ExitGroup), GuestCode.Ecall);

    private static readonly GuestImage s_faults = GuestCode.Image(Illegal);

    public override string Name => "two-ends";

    public override string Summary => "two harts end the machine at once while a monitor asks how it has ended";

    public override string Source => "QEMU qemu_system_shutdown_request (runstate.c); docs/mutation.md";

    private static void Run(GuestImage guest)
    {
        using Machine machine = InvalidationCatalog.Find("exclusive-flush").Create<OrderedMemory, NoAudit>(
            guest, new MachineOptions { Cpus = 2, RamSize = GuestRam.PageSize, TbCapacity = 6, JumpCacheBits = 1 });
        (long? ExitCode, GuestFault? Fault)? told = null;
        RunActors(
            ("vcpus", machine.Run),
            ("monitor", () => told = machine.HasEnded ? (machine.ExitCode, machine.Fault) : null));
        Check(machine.HasEnded, "two harts have ended the machine, and it has not ended");
        Check(machine.ExitCode is 0 or 1 || machine.Fault is { Hart: 0 or 1 }, $"the machine ended with {machine.ExitCode}, {machine.Fault}");
        (long? ExitCode, GuestFault? Fault) last = (machine.ExitCode, machine.Fault);
        Check(told == null || told == last, $"how the machine ended {Changes}: {told}, then {last}");
    }

    // Machine.End with its lock and its test left out.
    private static void RunLastCounts()
    {
        int exitCode = -1, told = -1; // exitCode: Volatile
        RunActors(
            ("vcpu0", () => Volatile.Write(ref exitCode, 0)),
            ("vcpu1", () => Volatile.Write(ref exitCode, 1)),
            ("monitor", () => told = Volatile.Read(ref exitCode)));
        Check(told < 0 || told == exitCode, $"how the machine ended {Changes}: {told}, then {exitCode}");
    }
}
