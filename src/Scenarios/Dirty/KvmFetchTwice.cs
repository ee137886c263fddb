using Verify.Engine.Auditing;
using Verify.Engine.Dirty;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Dirty;

/// <summary>Display and migration fetch a kernel's log at once: what one has taken out of it the other finds too, before it looks.</summary>
/// <remarks>
/// Invariant: a store that was over before a fetch began is in the fetcher's client when it returns, though another thread took it out of the log.
/// Found missing by <c>verify mutate</c>: elsewhere nobody looks while another one fetches.
/// </remarks>
public sealed class KvmFetchTwice() : CaseScenario(
    ScenarioCase.Sound("clear-on-get", "one thread fetches at a time", () => Run(KvmLogMode.ClearOnGet)),
    ScenarioCase.Sound("manual-clear", "one thread fetches at a time", () => Run(KvmLogMode.ManualClear)),
    ScenarioCase.Sound("ring", "one thread reaps at a time", () => Run(KvmLogMode.Ring)),
    ScenarioCase.Mutant("unlocked", "one has taken the page out of the log and told nobody yet when the other one looks", Missed, RunUnlocked))
{
    private const string Missed = "has not been told of a store that was over when it fetched";

    public override string Name => "kvm-fetch-twice";

    public override string Summary => "display and migration fetch a kernel's log at once, and look at their clients";

    public override string Source => "QEMU kvm_slots_lock and kvm_dirty_ring_reap (kvm-all.c), races.md 2.2; docs/mutation.md";

    private static void Run(KvmLogMode mode)
    {
        const ulong Data = GuestCode.Start + GuestRam.PageSize;
        using Machine machine = InvalidationCatalog.Find("per-cpu-flag").Create<OrderedMemory, NoAudit>(
            MachineStoreGuest.Image,
            new MachineOptions
            {
                KernelLog = mode,
                RamSize = 2 * GuestRam.PageSize,
                TbCapacity = 4,
                JumpCacheBits = 1,
                DirtyMemoryDesign = DirtyMemoryCatalog.Find("client-bitmaps"),
            });
        IDirtyMemoryDesign design = machine.Ram.Dirty!.Design;
        foreach (DirtyClient client in new[] { DirtyClient.Display, DirtyClient.Migration })
        {
            design.Enable(client);
            machine.Ram.Dirty.Use(view => view.TestAndClearDirty(new PageRange(0, 2), client));
        }

        machine.Cpus[0].X[GuestCode.A2] = Data;
        machine.CpuExec(0);
        RunActors(
            ("display", () => FetchAndLook(DirtyClient.Display)),
            ("migration", () => FetchAndLook(DirtyClient.Migration)));

        void FetchAndLook(DirtyClient client)
        {
            machine.Ram.Dirty.Kernel!.Fetch(DirtyClients.NoCode);
            machine.Ram.Dirty.Use(view => Check(view.AllDirty(new PageRange(1, 1), client), $"{client} {Missed}"));
        }
    }

    // KvmStoreLog.Fetch with its lock left out.
    private static void RunUnlocked()
    {
        const long Written = 5;
        var log = new KvmDirtyLog(KvmLogMode.ClearOnGet, new StoresInFlight());
        KvmSlot slot = log.AddSlot(new PageRange(0, 64));
        using IDirtyMemoryDesign design = DirtyMemoryCatalog.Find("client-bitmaps").Create(
            new DirtyMemoryOptions { Pages = 64, MaxPages = 64, BlockPages = 64, Clients = DirtyClients.NoCode, Tlb = new StoresInFlight() });
        log.GuestWrite(slot, Written);
        RunActors(
            ("display", () => FetchAndLook(DirtyClient.Display)),
            ("migration", () => FetchAndLook(DirtyClient.Migration)));

        void FetchAndLook(DirtyClient client)
        {
            IDirtyMemory view = design.Attach();
            try
            {
                log.MergeInto(view, DirtyClients.NoCode);
                Check(view.GetDirty(Written, client), $"{client} {Missed}");
            }
            finally
            {
                view.Detach();
            }
        }
    }
}
