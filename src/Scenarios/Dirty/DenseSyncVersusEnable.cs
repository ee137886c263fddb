using Verify.Engine.Dirty;
using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>A sync takes dense blocks whole while their client is being enabled: every page is dirty at first, and in this sync or in a later one.</summary>
/// <remarks>
/// Found missing by <c>verify mutate</c>: the fill of a client that comes must not go into a block that a sync has taken away. Every block that is not
/// clean counts as dense, and a set before the fill makes it so.
/// </remarks>
public sealed class DenseSyncVersusEnable() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "swap-beside-fill", "the block is swapped out while it is filled, and the rest of the fill is nobody's", Lost,
            () => Run(o => new RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, SwapBesideGrowth>(o))),
    ],
    design => design.StartsWith("rcu", StringComparison.Ordinal)))
{
    private const string Lost = "dirty at first, and no sync reported it";

    public override string Name => "dense-sync-vs-enable";

    public override string Summary => "one thread enables migration while another one marks a page for it and syncs";

    public override string Source => "races.md 2.2 (enable and disable); docs/design/dirty-memory.md; docs/mutation.md";

    private static void Run(MakeDesign make)
    {
        const long Pages = 128, Set = 5;
        ulong[] reported = new ulong[2]; // the syncing thread, and the test once that has ended
        using IDirtyMemoryDesign design = make(
            OneWord with { Pages = Pages, MaxPages = Pages, BlockPages = Pages, Clients = DirtyClients.None, DenseWords = 0 });
        RunActors(
            ("monitor", () => design.Enable(DirtyClient.Migration)),
            Actor("migration", design, memory =>
            {
                memory.SetDirty(Set, DirtyClient.Migration);
                Sync(memory);
            }));
        Use(design, Sync);
        for (int w = 0; w < reported.Length; w++)
        {
            Check(reported[w] == ~0UL, $"a page of word {w} was {Lost}: it has 0x{reported[w]:x}");
        }

        void Sync(IDirtyMemory memory) => memory.SyncDirtyBitmap(reported, new PageRange(0, Pages));
    }
}
