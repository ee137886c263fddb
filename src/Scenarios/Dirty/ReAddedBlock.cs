using Verify.Engine.Dirty;
using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>The highest RAM block is removed and another one added: blocks of bitmap are never replaced, and none leaks.</summary>
public sealed class ReAddedBlock() : DirtyScenario(
    ScenarioCase.Sound("rcu-blocks", "the number of blocks is remembered", Run<SymmetricRcu, SharedBlockGrowth>),
    ScenarioCase.Sound("rcu-blocks-asymmetric", "the number of blocks is remembered", Run<AsymmetricRcu, SharedBlockGrowth>),
    ScenarioCase.Mutant(
        "recount", "the number of blocks is counted again from the shorter RAM list (DM05)", Replaced, Run<SymmetricRcu, RecountedGrowth>))
{
    private const string Replaced = "was set and is clean: its block was replaced";

    public override string Name => "readded-block";

    public override string Summary => "the highest RAM block is removed and another one added while a thread sets a page in its place";

    public override string Source => "races.md DM05, scenario 48";

    private static void Run<TRcu, TGrowth>()
        where TRcu : struct, IRcuVariant
        where TGrowth : struct, IBlockGrowth
    {
        const long Set = 70;
        using RcuDirtyMemoryBlocks<TRcu, AtomicBits, TGrowth> design = new(OneWord with
        {
            Pages = 128,
            MaxPages = 192,
            Clients = DirtyClients.Migration,
        });
        RunActors(
            Actor("setter", design, memory => memory.SetDirty(Set, DirtyClient.Migration)),
            ("ram list", () => design.Extend(listedPages: 64, pages: 192)));
        design.ReclaimDropped();
        Use(design, memory => Check(memory.GetDirty(Set, DirtyClient.Migration), $"page {Set} {Replaced}"));
        long expected = BlockArray.BytesFor(3) + 3 * BitmapBlock.BytesFor(64);
        Check(design.BitmapBytes == expected, $"{design.BitmapBytes} bytes of bitmap are live instead of {expected}: a block leaked");
    }
}
