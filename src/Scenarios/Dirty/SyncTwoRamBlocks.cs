using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>Two RAM blocks share a word of the bitmap; each is synchronized by its own thread, into its own bitmap, with its own count.</summary>
public sealed class SyncTwoRamBlocks() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "whole-word", "the pages of the neighbour are taken and credited too (DM12)", Wrong,
            () => Run(o => new ClientBitmapsDirtyMemory<WholeWordCreditedBits>(o))),
    ]))
{
    private const string Wrong = "of the RAM block were synchronized";

    public override string Name => "sync-two-ramblocks";

    public override string Summary => "two threads synchronize RAM blocks of 40 and 24 pages, which share a word, while a third one sets pages of both";

    public override string Source => "races.md DM12, scenario 52";

    private static void Run(MakeDesign make)
    {
        PageRange[] blocks = [new(0, 40), new(40, 24)];
        ulong[] expected = [0b1010, 0b10_0000_0010]; // pages 1, 3 and 41, 49
        ulong[][] synced = [new ulong[1], new ulong[1]];
        long[] counts = new long[2];
        using IDirtyMemoryDesign design = make(OneWord);
        Use(design, memory => memory.SetDirtyWord(0, 1UL << 1 | 1UL << 49, DirtyClients.NoCode));
        RunActors(
            Actor("sync 0", design, memory => Sync(memory, 0)),
            Actor("sync 1", design, memory => Sync(memory, 1)),
            Actor("setter", design, memory => memory.SetDirtyWord(0, 1UL << 3 | 1UL << 41, DirtyClients.NoCode)));
        for (int block = 0; block < 2; block++)
        {
            Use(design, memory => Sync(memory, block));
            Check(
                synced[block][0] == expected[block] && counts[block] == 2,
                $"pages 0x{synced[block][0]:x} {Wrong} {block}, counted as {counts[block]}, instead of 0x{expected[block]:x}, 2");
        }

        void Sync(IDirtyMemory memory, int block) => counts[block] += memory.SyncDirtyBitmap(synced[block], blocks[block]);
    }
}
