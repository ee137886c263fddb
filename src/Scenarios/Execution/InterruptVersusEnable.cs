using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Execution;

/// <summary>A hart enables interrupts and loops until one comes, while a device raises it, or another hart sets its timer.</summary>
/// <remarks>
/// Invariant: the interrupt is taken. It is pending before the vCPU is kicked, and the vCPU takes the kick back before it looks; a hart that enables
/// interrupts looks as well. Found missing by <c>verify mutate</c>: the harts of other scenarios that are interrupted sleep.
/// </remarks>
public sealed class InterruptVersusEnable() : CaseScenario(
    ScenarioCase.Sound("raised", "pending, then kicked", () => Raised(static machine => machine.SetInterrupt(0, InterruptBit.MachineSoftware, true))),
    ScenarioCase.Sound("timer-set", "the request for the timer, then the kick", TimerSet),
    ScenarioCase.Mutant("kicked-first", "the hart has looked, and nobody asks it to look again", "nobody gets any further", () => Raised(KickFirst)))
{
    private const uint EnableInterrupts = 0x30046073; // csrsi mstatus, 8
    private const uint NoHandler = 0x30501073;        // csrw mtvec, zero
    private const uint GiveWay = 0x0100000f;          // pause: a schedule need not preempt the loop
    private const uint StoreDouble = 0x00b63023;      // sd a1, 0(a2)
    private const int Handler = 3, Setter = 6;        // where they begin

    private static readonly GuestImage s_guest = GuestCode.Image(
        EnableInterrupts, GiveWay, GuestCode.Jump(-4),
        NoHandler, GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit), GuestCode.Ecall,
        StoreDouble, GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit), GuestCode.Ecall);

    public override string Name => "interrupt-vs-enable";

    public override string Summary => "a device raises an interrupt, or a hart sets another one's timer, while a hart enables interrupts and loops";

    public override string Source => "QEMU cpu_interrupt and cpu_handle_interrupt (cpu-exec.c); docs/mutation.md";

    private static void Raised(Action<Machine> raise)
    {
        using Machine machine = Make(cpus: 1);
        RunActors(
            ("vcpu0", () => machine.CpuExec(0)),
            ("device", () => raise(machine)));
        CheckTaken(machine);
    }

    // Machine.SetInterrupt with its two lines in the other order.
    private static void KickFirst(Machine machine)
    {
        machine.Cpus[0].Kick();
        machine.Cpus[0].Hart.SetPending(InterruptBit.MachineSoftware, true);
    }

    private static void TimerSet()
    {
        const ulong CompareOfHart0 = Clint.Address + 0x4000;
        using Machine machine = Make(cpus: 2);
        VCpu setter = machine.Cpus[1];
        setter.Pc = At(Setter);
        (setter.X[GuestCode.A1], setter.X[GuestCode.A2]) = (0, CompareOfHart0);
        RunActors(
            ("vcpu0", () => machine.CpuExec(0)),
            ("vcpu1", () => machine.CpuExec(1)));
        CheckTaken(machine);
    }

    private static void CheckTaken(Machine machine)
    {
        Check(machine.Fault == null, $"the guest has come to a fault: {machine.Fault}");
        Check(machine.Cpus[0].ExitCode == 0, "the hart has not come to its end");
    }

    private static ulong At(int instruction) => GuestCode.Start + (4 * (ulong)instruction);

    private static Machine Make(int cpus)
    {
        Machine machine = InvalidationCatalog.Find("exclusive-flush").Create<OrderedMemory, NoAudit>(
            s_guest, new MachineOptions { Cpus = cpus, RamSize = GuestRam.PageSize, TbCapacity = 8, JumpCacheBits = 1 });
        Hart hart = machine.Cpus[0].Hart;
        hart.Write(CsrNumber.Mtvec, At(Handler), 0);
        hart.Write(CsrNumber.Mie, (1UL << InterruptBit.MachineSoftware) | (1UL << InterruptBit.MachineTimer), 0);
        return machine;
    }
}
