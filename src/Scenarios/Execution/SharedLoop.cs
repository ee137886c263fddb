using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Execution;

/// <summary>Two harts run the same loops, and each chains the blocks that the other one runs, while a monitor wants one to come out.</summary>
/// <remarks>
/// Invariant: a jump that somebody else links changes nothing but the time it takes: both harts do the same, and come out when they are asked to.
/// Found missing by <c>verify mutate</c>: harts of other scenarios rarely run a block that another one is linking.
/// </remarks>
public sealed class SharedLoop() : CaseScenario(
    ScenarioCase.Sound("per-cpu-flag", "a jump's target is one reference, read once", () => RunLoops("per-cpu-flag")),
    ScenarioCase.Sound("exclusive-flush", "a jump's target is one reference, read once", () => RunLoops("exclusive-flush")),
    ScenarioCase.Sound("valid-marker", "a jump's target is one reference, read once", () => RunLoops("valid-marker")),
    ScenarioCase.Mutant("target-read-twice", "the jump is unlinked between the test and the jump", Nowhere, RunReadTwice))
{
    private const string Nowhere = "a hart has jumped nowhere";
    private const int A3 = 13, A4 = 14;
    private const uint BranchBack = 0xfe059ee3;   // bnez a1, -4
    private const uint BranchOut = 0x00060463;    // beqz a2, 8
    private const uint BranchOutToo = 0x00070463; // beqz a4, 8
    private const uint JumpToA3 = 0x00068067;     // jr a3
    private const int Indirect = 5;               // where the loop of indirect jumps begins

    private static readonly GuestImage s_guest = GuestCode.Image(
        GuestCode.AddImmediate(GuestCode.A1, GuestCode.A1, -1), BranchBack,
        GuestCode.AddImmediate(GuestCode.A2, GuestCode.A2, -1), BranchOut, GuestCode.Jump(-8),
        GuestCode.AddImmediate(A4, A4, -1), BranchOutToo, JumpToA3,
        GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit), GuestCode.Ecall);

    public override string Name => "shared-loop";

    public override string Summary => "two harts run the same loops and link each other's blocks while a monitor has one of them come out";

    public override string Source => "QEMU tb_add_jump and lookup_tb_ptr (cpu-exec.c), races.md TB25; docs/mutation.md";

    private static void RunLoops(string strategy)
    {
        using Machine machine = InvalidationCatalog.Find(strategy).Create<OrderedMemory, GenerationAudit>(
            s_guest, new MachineOptions { Cpus = 2, RamSize = GuestRam.PageSize, TbCapacity = 12, JumpCacheBits = 3 });
        foreach (VCpu cpu in machine.Cpus)
        {
            (cpu.X[GuestCode.A1], cpu.X[GuestCode.A2], cpu.X[A3], cpu.X[A4]) = (3, 2, GuestCode.Start + (4 * Indirect), 3);
        }

        int done = 0; // Interlocked
        RunActors(
            ("vcpu0", () => machine.CpuExec(0)),
            ("vcpu1", () => machine.CpuExec(1)),
            ("monitor", () => machine.RunOnCpu(machine.Cpus[0], _ => Interlocked.Increment(ref done))));
        Check(done == 1, $"the work was done {done} times");
        foreach (VCpu cpu in machine.Cpus)
        {
            Check(cpu.ExitCode == cpu.Index, $"hart {cpu.Index} exited with {cpu.ExitCode}");
            Check(cpu.X[GuestCode.A1] + cpu.X[GuestCode.A2] + cpu.X[A4] == 0, $"hart {cpu.Index} has left a loop too early, or gone round too often");
        }

        (long first, long second) = (machine.Cpus[0].Instructions, machine.Cpus[1].Instructions);
        Check(first == second, $"the same program is {first} instructions on one hart and {second} on the other");
    }

    // The interpreter's end of a block with its target read a second time where it is used.
    private static void RunReadTwice()
    {
        object? target = new(); // Volatile
        RunActors(
            ("vcpu0", () =>
            {
                if (Volatile.Read(ref target) != null)
                {
                    Check(Volatile.Read(ref target) != null, Nowhere);
                }
            }
        ),
            ("vcpu1", () => Volatile.Write(ref target, null)));
    }
}
