using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>The display fetches the kernel's log while migration is enabled: migration misses nothing that was written before or since.</summary>
public sealed class KvmMergeVersusEnable() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "enable-no-fill", "what was fetched before migration came is in nobody's bitmap", Missed,
            () => Run(o => new ClientBitmapsDirtyMemory<UnfilledBits>(o))),
    ]))
{
    private const string Missed = "migration's last copy is stale";

    public override string Name => "kvm-merge-vs-enable";

    public override string Summary => "the display merges the kernel's dirty log while a vCPU stores and migration is enabled and makes a pass";

    public override string Source => "races.md 2.2, scenario 43";

    private static void Run(MakeDesign make)
    {
        const long Written = 5;
        int ram = 0, copy = -1; // ram: Volatile
        var stores = new StoresInFlight();
        var log = new KvmDirtyLog(KvmLogMode.ClearOnGet, stores);
        KvmSlot slot = log.AddSlot(new PageRange(0, 64));
        using IDirtyMemoryDesign design = make(OneWord with { Clients = DirtyClients.Display, Tlb = stores });
        Store();
        RunActors(
            ("vcpu", Store),
            Actor("display", design, memory => log.MergeInto(memory, DirtyClients.NoCode)),
            Actor("migration", design, memory =>
            {
                design.Enable(DirtyClient.Migration);
                Pass(memory);
            }));
        Use(design, Pass);
        Check(copy == ram, $"{Missed}: {copy} instead of {ram}");

        void Store() => stores.Do(() =>
        {
            log.GuestWrite(slot, Written);
            Volatile.Write(ref ram, ram + 1);
        });

        void Pass(IDirtyMemory memory)
        {
            log.MergeInto(memory, DirtyClients.NoCode);
            if (memory.TestAndClearDirty(Page(Written), DirtyClient.Migration))
            {
                copy = Volatile.Read(ref ram);
            }
        }
    }
}
