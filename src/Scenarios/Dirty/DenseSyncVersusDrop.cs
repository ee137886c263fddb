using Verify.Engine.Dirty;
using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>A client is dropped while a sync has its block in hand: the page in it is reported, and all memory of the client comes back, once.</summary>
/// <remarks>Found missing by <c>verify mutate</c>: an emptied block is kept for the next sync only as long as somebody may come who wants one.</remarks>
public sealed class DenseSyncVersusDrop() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "swap-beside-drop", "an array is published for a client that was dropped meanwhile, and the blocks in it are freed already",
            InUse + "|freed twice|after it was freed", () => Run(o => new RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, SwapBesideGrowth>(o))),
    ],
    design => design.StartsWith("rcu", StringComparison.Ordinal)))
{
    private const string InUse = "bytes are in use, and no client is enabled";

    public override string Name => "dense-sync-vs-drop";

    public override string Summary => "migration is dropped while it takes a block whole";

    public override string Source => "races.md 2.2 (enable and disable); docs/design/dirty-memory.md; docs/mutation.md";

    private static void Run(MakeDesign make)
    {
        const long Set = 5;
        ulong[] reported = new ulong[1]; // the syncing thread, and the test once that has ended
        using IDirtyMemoryDesign design = make(OneWord with { Clients = DirtyClients.Migration, DenseWords = 0 });
        Use(design, memory => memory.SetDirty(Set, DirtyClient.Migration));
        RunActors(
            Actor("migration", design, memory => memory.SyncDirtyBitmap(reported, new PageRange(0, 64))),
            ("monitor", () => design.Drop(DirtyClient.Migration)));
        Check((reported[0] >> (int)Set & 1) != 0, $"page {Set} was dirty and not reported");
        design.ReclaimDropped();
        Check(design.BitmapBytes == 0, $"{design.BitmapBytes} {InUse}");
    }
}
