using Verify.Engine.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>Two vCPUs push written pages into rings of one entry while userspace reaps: what its copy lacks, a ring or the bitmap tells.</summary>
public sealed class KvmRingReap() : DirtyScenario(DesignsAnd(
    make => Run(make, waitsForStores: true),
    [
        ScenarioCase.Mutant(
            "no-flush", "the store that found its page writable lands after the copy (DM07)", Stale,
            () => Run(o => new ClientBitmapsDirtyMemory<AtomicBits>(o), waitsForStores: false)),
    ]))
{
    private const string Stale = "the last copy is stale and the page is in no ring";

    public override string Name => "kvm-ring-reap";

    public override string Summary => "two vCPUs, one of them hot-added, store to a page each while userspace reaps their rings and copies what it found";

    public override string Source => "races.md DM07, DM16";

    private static void Run(MakeDesign make, bool waitsForStores)
    {
        int[] ram = new int[2], copy = new int[2]; // ram: Volatile
        StoresInFlight[] stores = [new(), new()];
        var log = new KvmDirtyLog(KvmLogMode.Ring, waitsForStores ? new EveryVCpu(stores) : new NoTlb());
        KvmSlot slot = log.AddSlot(new PageRange(0, 2));
        KvmDirtyRing first = log.AddRing(1);
        using IDirtyMemoryDesign design = make(OneWord with { Clients = DirtyClients.Migration });
        RunActors(
            ("vcpu0", () =>
            {
                Store(first, 0);
                Store(first, 0);
            }
        ),
            ("vcpu1", () => Store(log.AddRing(1), 1)),
            Actor("userspace", design, Pass));
        Use(design, Pass);
        for (int page = 0; page < ram.Length; page++)
        {
            Check(copy[page] == ram[page], $"page {page}: {Stale}");
        }

        void Store(KvmDirtyRing ring, int page) => stores[page].Do(() =>
        {
            Check(log.GuestWrite(slot, page, ring), "a ring of one entry was full at the only page its vCPU stores to");
            Volatile.Write(ref ram[page], ram[page] + 1);
        });

        void Pass(IDirtyMemory memory)
        {
            log.MergeInto(memory, DirtyClients.Migration);
            for (int page = 0; page < ram.Length; page++)
            {
                if (memory.TestAndClearDirty(Page(page), DirtyClient.Migration))
                {
                    copy[page] = Volatile.Read(ref ram[page]);
                }
            }
        }
    }

    private sealed class EveryVCpu(StoresInFlight[] vcpus) : ITlbRearm
    {
        public void ResetDirty(long startPage, long pageCount)
        {
            foreach (StoresInFlight vcpu in vcpus)
            {
                vcpu.ResetDirty(startPage, pageCount);
            }
        }
    }
}
