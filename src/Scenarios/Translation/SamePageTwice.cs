using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Memory;
using Verify.Engine.Translation;
using Verify.Scenarios.Mutants.Generation;

namespace Verify.Scenarios.Translation;

/// <summary>Two virtual pages are one physical page; a vCPU translates a block that spans them while another thread writes there.</summary>
/// <remarks>Invariants: nobody waits for itself; a valid block is on the list of its page once, a stale one is not.</remarks>
public sealed class SamePageTwice() : TbScenario(
    TbCase.Mutant(SamePageLockedTwice.Entry, "is locked already by this set"),
    TbCase.Mutant(SamePageRecordedTwice.Entry, "times on the list of its page"),
    TbCase.Sound("per-cpu-flag", "pages are compared before they are locked, and before the block is recorded"),
    TbCase.Sound("exclusive-flush", "pages are compared before they are locked, and before the block is recorded"))
{
    private const ulong Virtual = 0x4000_0000;
    private const ulong Leaf = PageWalker.Valid | PageWalker.Readable | PageWalker.Executable | PageWalker.Accessed;

    // The page's last instruction goes on at its first one, in the next virtual page.
    private static GuestImage Guest { get; } = GuestCode.Image(
        [GuestCode.Jump(8), .. new uint[1022], GuestCode.AddImmediate(GuestCode.A0, 0, 1)]);

    public override string Name => "same-page-twice";

    public override string Summary => "a vCPU translates a block on two virtual pages that are one physical page, while a device writes there";

    public override string Source => "races.md TB21, scenario 20";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = design.Create<OrderedMemory, GenerationAudit>(
            Guest, Small with { Cpus = 1, RamSize = 4 * GuestRam.PageSize, BlocksSpanPages = true });
        VCpu v0 = machine.Cpus[0];
        EnterSupervisorMode(machine, v0);
        v0.Pc = Virtual + GuestRam.PageSize;
        machine.TbFind(v0); // its TLB now has the second page
        TbCode? spanning = null;
        RunActors(
            ("vcpu0", () =>
            {
                machine.CpuExecStart(v0);
                v0.Pc = Virtual + GuestRam.PageSize - 4;
                spanning = machine.TbFind(v0, null, Machine.NoExit);
                Outside(machine, v0);
            }
        ),
            ("device", () => machine.InvalidateRange(GuestCode.Start, 4)));
        TranslationBlock tb = spanning!.Slot;
        Check((tb.Page0, tb.Page1) == (0, 0), $"{tb} lies on pages {tb.Page0} and {tb.Page1} instead of 0 and 0");
        CheckRecorded(machine, tb);
        machine.InvalidateRange(GuestCode.Start, 4);
        CheckRecorded(machine, tb);
        Check(tb.Invalid, $"{tb} was not found by a write to its second page");
    }

    private static void CheckRecorded(Machine machine, TranslationBlock tb)
    {
        int times = machine.Tb.Pages.BlocksOn(0).Count(each => each == tb);
        Check(times == (tb.Invalid ? 0 : 1), $"{tb} is {times} times on the list of its page");
    }

    private static void EnterSupervisorMode(Machine machine, VCpu cpu)
    {
        ulong root = GuestCode.Start + GuestRam.PageSize;
        Write(root + 8, Pointer(root + GuestRam.PageSize) | PageWalker.Valid); // 1 GiB each: Virtual is in the second
        Write(root + GuestRam.PageSize, Pointer(root + (2 * GuestRam.PageSize)) | PageWalker.Valid);
        Write(root + (2 * GuestRam.PageSize), Pointer(GuestCode.Start) | Leaf);
        Write(root + (2 * GuestRam.PageSize) + 8, Pointer(GuestCode.Start) | Leaf);
        Hart hart = cpu.Hart;
        hart.Write(CsrNumber.Pmpaddr0, ulong.MaxValue, 0);
        hart.Write(CsrNumber.Pmpcfg0, 0x1f, 0); // all of memory, for all
        hart.Write(CsrNumber.Satp, (8UL << 60) | (root >> 12), 0);
        hart.Write(CsrNumber.Mstatus, 1UL << StatusBit.MppShift, 0);
        hart.ReturnFromMachineTrap();
        cpu.Realize(); // for the new mode

        static ulong Pointer(ulong physical) => (physical >> 12) << 10;

        void Write(ulong address, ulong value) => BitConverter.TryWriteBytes(machine.Ram.Slice(address, 8), value);
    }
}
