using Verify.Engine.Dirty;
using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>A sync takes blocks whole while a device stores, or memory grows: every store is in a later copy, each page reported once.</summary>
/// <remarks>Every block that is not clean counts as dense, so that a block of one word is swapped.</remarks>
public sealed class DenseSync() : DirtyScenario(DesignsAnd(
    BesideSetter,
[
    ScenarioCase.Sound("rcu-blocks-growing", "blocks are swapped under the lock of growth", () => BesideGrowth(Make<SharedBlockGrowth>)),
    ScenarioCase.Mutant(
        "read-before-grace", "a setter has found the old block, and sets its bit after the block was read", Lost + "|used after it was freed",
        () => BesideSetter(Make<ReadBeforeGraceGrowth>)),
    ScenarioCase.Mutant(
        "swap-beside-growth", "growth publishes an array with the old block, and the new one is nobody's", Lost + "|freed twice",
        () => BesideGrowth(Make<SwapBesideGrowth>)),
    ScenarioCase.Mutant(
        "neighbours-taken", "the block holds pages that have come since the range was made (DM11)", Lost,
        () => BesideGrowth(Make<NeighboursTakenGrowth>)),
],
    IsOfBlocks))
{
    private const string Lost = "was stored to and never reported";

    public override string Name => "dense-sync";

    public override string Summary => "migration syncs a bitmap block by block while a device stores, or while memory grows and new pages are set";

    public override string Source => "races.md DM07, DM11, DM12, section 5; docs/design/dirty-memory.md";

    private static bool IsOfBlocks(string design) => design.StartsWith("rcu", StringComparison.Ordinal);

    private static RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, TGrowth> Make<TGrowth>(DirtyMemoryOptions options)
        where TGrowth : struct, IBlockGrowth
        => new(options);

    private static void BesideSetter(MakeDesign make)
    {
        const long First = 7, Beside = 5;
        int stored = 0, copied = 0; // the byte on page Beside; Volatile
        int reports = 0;
        using IDirtyMemoryDesign design = make(OneWord with { Clients = DirtyClients.Migration, DenseWords = 0 });
        Use(design, memory => memory.SetDirty(First, DirtyClient.Migration));
        RunActors(
            Actor("device", design, memory =>
            {
                Volatile.Write(ref stored, 1);
                memory.SetDirty(Beside, DirtyClient.Migration);
            }),
            Actor("migration", design, Round));
        Use(design, Round);
        Check(copied == stored, $"page {Beside} {Lost}: the copy has {copied}");
        Check(reports == 2, $"two pages were dirty once each, and {reports} reported");

        void Round(IDirtyMemory memory)
        {
            ulong[] dirty = new ulong[1];
            reports += (int)memory.SyncDirtyBitmap(dirty, new PageRange(0, 64));
            if ((dirty[0] >> (int)Beside & 1) != 0)
                copied = Volatile.Read(ref stored);
        }
    }

    // The first block is half tracked when the range is made, and wholly when growth is done.
    private static void BesideGrowth(MakeDesign make)
    {
        const long First = 7, Later = 9, New = 40;
        bool sawNew = false, sawLater = false;
        using IDirtyMemoryDesign design = make(OneWord with { Pages = 32, MaxPages = 128, Clients = DirtyClients.Migration, DenseWords = 0 });
        Use(design, memory => memory.SetDirty(First, DirtyClient.Migration));
        RunActors(
            Actor("migration", design, memory =>
            {
                Round(memory, 32);
                memory.SetDirty(Later, DirtyClient.Migration);
            }),
            Actor("monitor", design, memory =>
            {
                design.Extend(128);
                memory.SetDirty(New, DirtyClient.Migration);
            }));
        Use(design, memory => Round(memory, 128));
        Check(sawLater, $"page {Later} {Lost}");
        Check(sawNew, $"page {New} {Lost}");

        void Round(IDirtyMemory memory, long pages)
        {
            ulong[] dirty = new ulong[2];
            memory.SyncDirtyBitmap(dirty, new PageRange(0, pages));
            sawNew |= (dirty[0] >> (int)New & 1) != 0;
            sawLater |= (dirty[0] >> (int)Later & 1) != 0;
        }
    }
}
