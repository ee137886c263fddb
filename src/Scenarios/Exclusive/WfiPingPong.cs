using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Exclusive;

/// <summary>A hart sleeps in wfi until another one sends it an interrupt, and answers with one, for which the other sleeps.</summary>
/// <remarks>
/// Invariant: both wake and come to their end. Found missing by <c>verify mutate</c>: the guests of other scenarios do not sleep.
/// </remarks>
public sealed class WfiPingPong() : CaseScenario(
    ScenarioCase.Sound("exclusive-flush", "asleep, barrier, request; and on the other side request, barrier, asleep", () => RunKicked("exclusive-flush")),
    ScenarioCase.Sound("per-cpu-flag", "asleep, barrier, request; and on the other side request, barrier, asleep", () => RunKicked("per-cpu-flag")),
    ScenarioCase.Mutant("not-kicked", "the interrupt becomes pending after the hart looked, and nobody wakes it", Asleep, RunUnkicked))
{
    private const string Asleep = "no timer is set to bring one";
    private const uint Wfi = 0x10500073;
    private const int Answering = 4; // where hart 1 begins

    private static readonly GuestImage s_guest = GuestCode.Image(
        GuestCode.StoreWord(GuestCode.A1, GuestCode.A2), Wfi, GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit), GuestCode.Ecall,
        Wfi, GuestCode.StoreWord(GuestCode.A1, GuestCode.A2), GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit), GuestCode.Ecall);

    public override string Name => "wfi-ping-pong";

    public override string Summary => "two harts wake each other out of wfi by software interrupts";

    public override string Source => "QEMU cpu_exit and halt_cond (cpus.c); docs/mutation.md";

    private static void RunKicked(string strategy)
    {
        using Machine machine = Make(strategy, cpus: 2);
        RunActors(
            ("vcpu0", () => machine.CpuExec(0)),
            ("vcpu1", () => machine.CpuExec(1)));
        CheckEnded(machine);
    }

    // Whoever raises an interrupt kicks the vCPU; this one does not.
    private static void RunUnkicked()
    {
        using Machine machine = Make("exclusive-flush", cpus: 1);
        VCpu sleeping = machine.Cpus[0];
        sleeping.Pc = GuestCode.Start + (4 * Answering);
        RunActors(
            ("vcpu0", () => machine.CpuExec(0)),
            ("device", () => sleeping.Hart.SetPending(InterruptBit.MachineSoftware, true)));
        CheckEnded(machine);
    }

    private static Machine Make(string strategy, int cpus)
    {
        Machine machine = InvalidationCatalog.Find(strategy).Create<OrderedMemory, NoAudit>(
            s_guest, new MachineOptions { Cpus = cpus, RamSize = GuestRam.PageSize, TbCapacity = 6, JumpCacheBits = 1 });
        foreach (VCpu cpu in machine.Cpus)
        {
            int other = cpus - 1 - cpu.Index;
            cpu.Hart.Write(CsrNumber.Mie, 1UL << InterruptBit.MachineSoftware, 0);
            cpu.Pc = GuestCode.Start + (ulong)(4 * Answering * cpu.Index);
            (cpu.X[GuestCode.A1], cpu.X[GuestCode.A2]) = (1, Clint.Address + (4 * (ulong)other));
        }

        return machine;
    }

    private static void CheckEnded(Machine machine)
    {
        Check(machine.Fault == null, $"a hart was not woken: {machine.Fault}");
        foreach (VCpu cpu in machine.Cpus)
        {
            Check(cpu.ExitCode != null, $"hart {cpu.Index} has not come to its end");
        }
    }
}
