using Verify.Engine.Auditing;
using Verify.Engine.Dirty;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Memory;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Dirty;

/// <summary>RAM comes and goes while a vCPU and a device store into a block that stays, and what they store is fetched.</summary>
/// <remarks>
/// Invariant: a store into a block that stays is recorded, whatever happens to the list of blocks, to the slots of a kernel's log and to the arrays
/// of dirty memory meanwhile. Found missing by <c>verify mutate</c>: elsewhere the block that changes is the one that is stored to.
/// </remarks>
public sealed class PlugVersusTrackedStore() : DirtyScenario(EntriesAnd(
    entry => Run(entry, log: null, isRecorded: true),
    [
        ScenarioCase.Sound(
            "logged", "slots come and go under a lock of their own, and whoever looks for one finds the others",
            () => Run(Flat, KvmLogMode.ManualClear, isRecorded: true)),
        ScenarioCase.Mutant(
            "not-recorded", "the device's bytes are stored, and nobody is told", Missed, () => Run(Flat, log: null, isRecorded: false)),
    ],
    name => name is "client-bitmaps" or "rcu-blocks"))
{
    private const string Missed = "was stored to, and is clean for migration";

    private static DirtyMemoryEntry Flat => DirtyMemoryCatalog.Find("client-bitmaps");

    public override string Name => "plug-vs-tracked-store";

    public override string Summary => "a vCPU and a device store into a block of RAM while another one comes and goes";

    public override string Source => "races.md 2.4, DM05, DM06, DM07, scenario 50; docs/mutation.md";

    private static void Run(DirtyMemoryEntry design, KvmLogMode? log, bool isRecorded)
    {
        using Machine machine = InvalidationCatalog.Find("per-cpu-flag").Create<OrderedMemory, NoAudit>(
            MachineStoreGuest.Image,
            new MachineOptions
            {
                KernelLog = log,
                RamSize = GuestRam.PageSize,
                MaxRamSize = 4 * GuestRam.PageSize,
                TbCapacity = 4,
                JumpCacheBits = 1,
                DirtyMemoryDesign = design,
                DirtyBlockPages = 64,
            });
        DirtyTracking tracking = machine.Ram.Dirty!;
        RamBlock stays = machine.AddRam("stays", 2 * GuestRam.PageSize);
        tracking.Design.Enable(DirtyClient.Migration);
        tracking.Use(view => view.TestAndClearDirty(stays.Pages, DirtyClient.Migration));
        machine.Cpus[0].X[GuestCode.A2] = stays.Start;
        RunActors(
            ("vcpu0", () => machine.CpuExec(0)),
            ("plugger", () => machine.RemoveRam(machine.AddRam("comes", GuestRam.PageSize))),
            ("device", () =>
            {
                ulong at = stays.Start + GuestRam.PageSize;
                if (isRecorded)
                {
                    Check(machine.DmaWrite(at, [1, 2, 3, 4]), "the block that stays was not found");
                }
                else
                {
                    machine.Ram.Slice(at, 4)[0] = 1; // the wrong line: Machine.DmaWrite
                }

                tracking.Kernel?.Fetch(DirtyClients.NoCode);
            }
        ));
        tracking.Kernel?.Fetch(DirtyClients.NoCode);
        tracking.Use(view =>
        {
            for (long page = stays.FirstPage; page < stays.FirstPage + stays.UsedPages; page++)
            {
                Check(view.GetDirty(page, DirtyClient.Migration), $"page {page} {Missed}");
            }
        });
    }
}
