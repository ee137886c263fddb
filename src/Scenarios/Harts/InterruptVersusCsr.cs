using Verify.Engine.Execution;
using Verify.Engine.Guest;

namespace Verify.Scenarios.Harts;

/// <summary>A hart sets or clears a bit of its own in mip while a device raises an interrupt line of the hart.</summary>
/// <remarks>Invariant: the interrupt is pending afterwards, and the hart's own bit is what it made it.</remarks>
public sealed class InterruptVersusCsr() : HartScenario(
    ScenarioCase.Sound("set", "csrrs touches the bits of its operand and no other", () => Run(Own, set: true, HartCode.SetCsr(T0, CsrNumber.Mip, T4))),
    ScenarioCase.Sound("clear", "csrrc touches the bits of its operand and no other", () => Run(Own, set: false, HartCode.ClearCsr(T0, CsrNumber.Mip, T4))),
    ScenarioCase.Sound(
        "two-devices", "a line is one bit, set or cleared by an atomic operation", () => Run(InterruptBit.MachineExternal, set: true)),
    ScenarioCase.Mutant(
        "read-and-write-back", "the register is read, changed and written whole, and the interrupt raised in between is written away", Lost,
        () => Run(Own, set: true, HartCode.SetCsr(T0, CsrNumber.Mip, 0), HartCode.Add(T0, T0, T4), HartCode.SwapCsr(0, CsrNumber.Mip, T0))))
{
    private const string Lost = "is not pending";
    private const int Own = InterruptBit.SupervisorSoftware, Line = InterruptBit.SupervisorExternal;

    public override string Name => "interrupt-vs-csr";

    public override string Summary => "a hart changes a bit of mip while devices raise others";

    public override string Source => "QEMU rmw_mip64 (target/riscv/csr.c), whose mask keeps csrrs and csrrc to the bits of their operand; docs/findings.md";

    // With no program of the hart's, another device changes the bit.
    private static void Run(int bit, bool set, params uint[] program)
    {
        using Machine machine = Make<OrderedMemory>(program);
        VCpu cpu = machine.Cpus[0];
        cpu.X[T4] = 1UL << bit;
        cpu.Hart.SetPending(bit, !set);
        RunHarts(
            machine,
            [
                ("device", () => machine.SetInterrupt(0, Line, true)),
                .. program.Length > 0 ? ((string, Action)[])[] : [("other device", () => machine.SetInterrupt(0, bit, set)), ("timer", Toggle)],
            ]);
        ulong pending = cpu.Hart.Pending;
        Check((pending & (1UL << Line)) != 0, $"the interrupt a device has raised {Lost}: mip is 0x{pending:x}");
        Check((pending & (1UL << bit)) != 0 == set, $"the bit that was {(set ? "set" : "cleared")} {(set ? Lost : "is still pending")}: mip is 0x{pending:x}");
        Check((pending & (1UL << InterruptBit.MachineTimer)) == 0, "a line that went up and down is pending");

        void Toggle()
        {
            machine.SetInterrupt(0, InterruptBit.MachineTimer, true);
            machine.SetInterrupt(0, InterruptBit.MachineTimer, false);
        }
    }
}
