using Verify.Engine.Auditing;
using Verify.Engine.Display;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Memory;
using Verify.Scenarios.Harts;
using Verify.Scenarios.Mutants.Dirty;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Dirty;

/// <summary>A guest draws through its page tables, and changes them, while a display scans and clears their D-bits.</summary>
/// <remarks>
/// Invariant: after a last refresh the display shows what is in memory, and no entry that the guest wrote is undone. The picture is one pixel, in a
/// frame that is mapped at two addresses. A vCPU has drawn before, so the display knows the first of them.
/// </remarks>
public sealed class DisplayPageTables() : CaseScenario(
    ScenarioCase.Sound("drawing", "D is cleared, then the TLBs are flushed, then the pixels are read", () => Run<ScanSteps>(s_drawing)),
    ScenarioCase.Sound("alias", "a mapping brought in after the flush counts for two answers", () => Run<ScanSteps>(s_drawingBesides)),
    ScenarioCase.Sound(
        "cleared-by-guest", "an entry that was not watched until now is not trusted", () => Run<ScanSteps>(s_clearing, isScanned: false)),
    ScenarioCase.Sound("cleared-while-watched", "a store of the guest to an entry marks its page", () => Run<ScanSteps>(s_clearing)),
    ScenarioCase.Sound(
        "unmapped", "D is cleared by compare-exchange with the entry that was judged", () => Run<ScanSteps>(s_unmapping, last: 0)),
    ScenarioCase.Sound("first-picture", "every page is new, and every mapping is seen again", () => Run<ScanSteps>(s_drawing, isShown: false)),
    ScenarioCase.Sound("dma", "what a device stores is marked after it is stored", () => Run<ScanSteps>(s_drawing, hasDevice: true)),
    ScenarioCase.Mutant("no-flush", "a TLB that has seen D set does not set it again (DM19)", Stale, () => Run<UnflushedScan>(s_drawing)),
    ScenarioCase.Mutant(
        "alias-forgotten", "the second mapping is seen after the flush, forgotten with the answer, and stored through afterwards", Stale,
        () => Run<ForgettingScan>(s_drawingBesides)),
    ScenarioCase.Mutant(
        "history-trusted", "the guest has drawn and cleared D before the entry was watched", Stale, () => Run<TrustingScan>(s_clearing, isScanned: false)))
{
    private const string Stale = "is not in the picture";
    private const ulong Root = GuestCode.Start + GuestRam.PageSize, Middle = Root + GuestRam.PageSize, Leaves = Middle + GuestRam.PageSize;
    private const ulong Frame = Leaves + GuestRam.PageSize;
    private const ulong Drawn = 0x4000_0000, Besides = Drawn + GuestRam.PageSize, Entries = Besides + GuestRam.PageSize;
    private const int Pixel = 5, AtDrawn = 11, AtBesides = 12, AtEntries = 13, Entry = 14; // registers
    private const int First = 1, Second = 2;
    private const ulong AllOfMemory = 0x1f; // NAPOT, readable, writable, executable
    private const uint SfenceVma = 0x12000073;

    private static readonly uint s_draw = HartCode.Store(HartCode.Word, Pixel, AtDrawn), s_drawBesides = HartCode.Store(HartCode.Word, Pixel, AtBesides);
    private static readonly uint s_next = GuestCode.AddImmediate(Pixel, Pixel, 1), s_newBlock = GuestCode.Jump(4);

    // Hart 1 has run the first two.
    private static readonly uint[] s_first = [s_draw, GuestCode.Ecall];
    private static readonly uint[] s_drawing = [s_draw, s_next, s_newBlock, s_draw, GuestCode.Ecall];
    private static readonly uint[] s_drawingBesides = [s_draw, s_next, s_newBlock, s_drawBesides, s_next, s_newBlock, s_drawBesides, GuestCode.Ecall];
    private static readonly uint[] s_clearing = [s_draw, HartCode.Store(HartCode.Doubleword, Entry, AtEntries), SfenceVma, GuestCode.Ecall];
    private static readonly uint[] s_unmapping = [s_draw, HartCode.Store(HartCode.Doubleword, 0, AtEntries), SfenceVma, GuestCode.Ecall];

    public override string Name => "display-page-tables";

    public override string Summary => "a vCPU draws, and changes its page tables, while a display scans their D-bits";

    public override string Source => "races.md DM19, 2.5; docs/findings.md";

    private static void Run<TSteps>(uint[] program, bool isShown = true, bool isScanned = true, bool hasDevice = false, ulong? last = null)
        where TSteps : struct, IScanSteps
    {
        using Machine machine = Make(program);
        using DisplayClient display = new(machine, machine.Framebuffer!, new PageTableLines<TSteps>(machine));
        if (isShown)
        {
            display.Refresh(); // whose mapping is then looked out for
        }

        machine.CpuExec(1);
        for (int refresh = 0; isShown && refresh < (isScanned ? 2 : 1); refresh++)
        {
            display.Refresh(); // learns the mapping; watches its entries
        }

        RunActors(
            [
                ("vcpu0", () => machine.CpuExec(0)),
                ("display", () => display.Refresh()),
                .. hasDevice ? [("device", () => machine.DmaWrite(Frame, BitConverter.GetBytes(9)))] : ((string, Action)[])[],
            ]);
        Check(machine.Fault == null, $"a hart could not go on: {machine.Fault}");
        display.Refresh();
        Check(display.FullRedraw()[0] == display.Surface[0], $"{display.FullRedraw()[0]:x}, which was drawn last, {Stale}: it shows {display.Surface[0]:x}");
        ulong entry = BitConverter.ToUInt64(machine.Ram.Slice(Leaves, 8));
        Check(last == null || entry == last, $"the guest stored {last:x} to an entry, which has become {entry:x}");
    }

    private static Machine Make(uint[] program)
    {
        Machine machine = InvalidationCatalog.Find("per-cpu-flag").Create<OrderedMemory, NoAudit>(
            GuestCode.Image([.. s_first, .. program]),
            new MachineOptions { Cpus = 2, RamSize = 5 * GuestRam.PageSize, TbCapacity = 8, JumpCacheBits = 1, HasFramebuffer = true });
        Point(machine, Root + 8, Middle);
        Point(machine, Middle, Leaves);
        const ulong Drawable = PageWalker.Readable | PageWalker.Writable | PageWalker.Accessed;
        Point(machine, Leaves, Frame, Drawable);
        Point(machine, Leaves + 8, Frame, Drawable);
        Point(machine, Leaves + 16, Leaves, Drawable | PageWalker.Dirty);
        foreach (VCpu cpu in machine.Cpus)
        {
            // Data accesses as in supervisor mode: machine mode fetches without translation, which is enough to look at.
            cpu.Hart.Write(CsrNumber.Pmpaddr0, ulong.MaxValue, 0);
            cpu.Hart.Write(CsrNumber.Pmpcfg0, AllOfMemory, 0);
            cpu.Hart.Write(CsrNumber.Satp, (8UL << 60) | (Root >> GuestRam.PageBits), 0);
            cpu.Hart.Write(CsrNumber.Mstatus, StatusBit.Mprv | ((ulong)Privilege.Supervisor << StatusBit.MppShift), 0);
            cpu.Realize();
            cpu.Pc = GuestCode.Start + (cpu.Index == 0 ? 4 * (ulong)s_first.Length : 0);
            (cpu.X[AtDrawn], cpu.X[AtBesides], cpu.X[AtEntries]) = (Drawn, Besides, Entries);
            (cpu.X[Pixel], cpu.X[Entry]) = (cpu.Index == 0 ? Second : (ulong)First, BitConverter.ToUInt64(machine.Ram.Slice(Leaves, 8)));
            cpu.X[GuestCode.A7] = GuestCode.Exit;
        }

        foreach ((ulong register, ulong value) in new[] { (0UL, Frame), (8UL, 1UL), (16UL, 1UL), (24UL, 4UL) })
        {
            machine.Framebuffer!.TryWrite(register, 8, value);
        }

        return machine;
    }

    private static void Point(Machine machine, ulong entry, ulong target, ulong leaf = 0) =>
        BitConverter.TryWriteBytes(machine.Ram.Slice(entry, 8), (target >> 2) | leaf | PageWalker.Valid);
}
