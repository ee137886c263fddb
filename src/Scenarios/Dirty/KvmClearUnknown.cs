using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>A guest dirties pages before and after userspace fetched the log, which it then clears: no page is forgotten.</summary>
public sealed class KvmClearUnknown() : CaseScenario(
    ScenarioCase.Sound("clear-known", "only bits that were fetched are cleared", () => Run(new FetchedBitsOnly())),
    ScenarioCase.Mutant(
        "clear-all", "a page dirtied after the fetch is cleared and nobody was told of it (DM15)", Forgotten, () => Run(new EveryBitAsked())))
{
    private const string Forgotten = "was stored to and is in neither log";

    public override string Name => "kvm-clear-unknown";

    public override string Summary => "a vCPU stores to two pages while userspace fetches the kernel's log, clears it and copies what it fetched";

    public override string Source => "races.md DM15, scenario 44";

    private static void Run(IKvmClearRule rule)
    {
        var all = new PageRange(0, 2);
        int[] ram = new int[2], copy = new int[2]; // ram: Volatile
        var stores = new StoresInFlight();
        var log = new KvmDirtyLog(KvmLogMode.ManualClear, stores, clearRule: rule);
        KvmSlot slot = log.AddSlot(all);
        RunActors(
            ("vcpu", () =>
            {
                Store(0);
                Store(1);
                Store(0);
            }
        ),
            ("userspace", Pass));
        Pass();
        for (int page = 0; page < ram.Length; page++)
        {
            Check(copy[page] == ram[page], $"page {page} {Forgotten}");
        }

        void Store(int page) => stores.Do(() =>
        {
            log.GuestWrite(slot, page);
            Volatile.Write(ref ram[page], ram[page] + 1);
        });

        void Pass()
        {
            ulong[] fetched = new ulong[1];
            log.Get(slot, fetched);
            log.ClearKnown(slot, all);
            for (int page = 0; page < ram.Length; page++)
            {
                if ((fetched[0] >> page & 1) != 0)
                {
                    copy[page] = Volatile.Read(ref ram[page]);
                }
            }
        }
    }
}
