using Verify.Engine.Auditing;
using Verify.Engine.Dirty;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Memory;
using Verify.Scenarios.Mutants.Dirty;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Dirty;

/// <summary>RAM is plugged in, or unplugged, while a vCPU stores into it: a store into a block is recorded, and none reaches one that is gone.</summary>
public sealed class HotplugVersusStore() : DirtyScenario(EntriesAnd(
    entry => Add(s_sound, entry),
    [
        ScenarioCase.Sound("unplugged", "every vCPU has flushed its TLB when the removal returns", () => Remove(s_sound)),
        ScenarioCase.Sound("replaced-logged", "a kernel's slot goes before the page numbers of its block are free", () => Replace(s_sound)),
        ScenarioCase.Mutant(
            "list-before-extend", "the vCPU finds the block before its pages are tracked", "outside the 2 tracked ones",
            () => Add(s_sound.With<ListBeforeExtend>("list-before-extend", "the vCPU finds the block before its pages are tracked"), Flat)),
        ScenarioCase.Mutant(
            "not-flushed", "a vCPU keeps the translation of a block that is gone", Reaches,
            () => Remove(s_sound.With<RemovedWithoutFlush>("not-flushed", "a vCPU keeps the translation of a block that is gone"))),
    ]))
{
    private const string Reaches = "still reaches the removed block";

    private static readonly InvalidationEntry s_sound = InvalidationCatalog.Find("per-cpu-flag");

    private static DirtyMemoryEntry Flat => DirtyMemoryCatalog.Find("client-bitmaps");

    public override string Name => "hotplug-vs-store";

    public override string Summary => "a block of RAM is plugged in, or unplugged, while a vCPU stores twice into its first page";

    public override string Source => "races.md 2.4, DM05, DM06, scenarios 47 and 50, on real vCPUs";

    private static void Add(InvalidationEntry strategy, DirtyMemoryEntry design)
    {
        using Machine machine = Make(strategy, design);
        ulong start = machine.NextRamStart;
        machine.Cpus[0].X[GuestCode.A2] = start;
        machine.Ram.Dirty!.Design.Enable(DirtyClient.Migration);
        RunActors(
            ("vcpu", () => machine.CpuExec(0)),
            ("monitor", () => machine.AddRam("block", GuestRam.PageSize, start)));
        RamBlock block = machine.Ram.Others!.Blocks[0];
        bool hasStored = machine.Fault == null;
        machine.Ram.Dirty.Use(view => Check(
            view.AllDirty(block.Pages, DirtyClient.Migration), "the new block is not dirty for migration"));
        Check(
            !hasStored || BitConverter.ToInt32(machine.Ram.Slice(start, sizeof(int))) == MachineStoreGuest.Second,
            "the guest has stored into the new block, and it is not there");
    }

    private static unsafe void Remove(InvalidationEntry strategy)
    {
        using Machine machine = Make(strategy, Flat);
        RamBlock block = machine.AddRam("block", GuestRam.PageSize);
        machine.Cpus[0].X[GuestCode.A2] = block.Start;
        RunActors(
            ("vcpu", () => machine.CpuExec(0)),
            ("monitor", () => machine.RemoveRam(block)));
        TlbEntry* entry = SoftTlb.Entry(machine.Cpus[0].Tlb.Table(0), block.Start);
        Check((entry->Write & TlbEntry.PageMask) != block.Start, $"vCPU 0 {Reaches}: its TLB has an entry for 0x{block.Start:x}");
    }

    // The new block takes the page numbers of the old one, whose memory and slot of the kernel's log go when the reclaimer comes to it.
    private static void Replace(InvalidationEntry strategy)
    {
        using Machine machine = Make(strategy, Flat, KvmLogMode.ClearOnGet);
        machine.Ram.Dirty!.Design.Enable(DirtyClient.Migration);
        machine.RemoveRam(machine.AddRam("old", GuestRam.PageSize));
        RamBlock block = machine.AddRam("new", GuestRam.PageSize);
        machine.Ram.Dirty.Use(view => view.TestAndClearDirty(block.Pages, DirtyClient.Migration));
        machine.Cpus[0].X[GuestCode.A2] = block.Start;
        RunActors(("vcpu", () => machine.CpuExec(0)));
        machine.Ram.Others!.Rcu.Drain();
        machine.Ram.Dirty.Kernel!.Fetch(DirtyClients.NoCode);
        machine.Ram.Dirty.Use(view => Check(
            view.AllDirty(block.Pages, DirtyClient.Migration), "the guest has stored into the new block, and its kernel's log does not say so"));
    }

    private static Machine Make(InvalidationEntry strategy, DirtyMemoryEntry design, KvmLogMode? log = null) => strategy.Create<OrderedMemory, NoAudit>(
        MachineStoreGuest.Image,
        new MachineOptions
        {
            KernelLog = log,
            RamSize = 2 * GuestRam.PageSize,
            MaxRamSize = 4 * GuestRam.PageSize,
            TbCapacity = 4,
            JumpCacheBits = 1,
            DirtyMemoryDesign = design,
            DirtyBlockPages = 64,
        });
}
