using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>A snapshot of pages 10 to 19 beside stores to page 30 of the same word: the owner of page 30 still sees them all.</summary>
public sealed class SnapshotNeighbour() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "range-rounded-to-words", "the snapshot clears the whole word and re-arms its own range only (DM11, as read upstream)", Stale,
            () => Run(o => new ClientBitmapsDirtyMemory<WholeWordTakenBits>(o))),
    ]))
{
    private const string Stale = "its owner's last copy is stale and the page is clean";

    public override string Name => "snapshot-neighbour";

    public override string Summary => "a snapshot of ten pages is taken while a vCPU stores to, and another reader takes, a page in the same word";

    public override string Source => "races.md DM11, scenario 53";

    private static void Run(MakeDesign make)
    {
        const long Neighbour = 30;
        var wanted = new PageRange(10, 10);
        int[] ram = new int[Neighbour + 1]; // Volatile
        int copy = 0;
        var vcpu = new StoringVCpu<CleanTestedUnderLock>(ram);
        using IDirtyMemoryDesign design = make(OneWord with { Tlb = vcpu });
        Use(design, memory => memory.SetDirtyWord(0, 1UL << (int)wanted.Start, DirtyClients.NoCode));
        RunActors(
            Actor("vcpu", design, memory =>
            {
                vcpu.RunBlock(memory, Neighbour, 1);
                vcpu.RunBlock(memory, Neighbour, 2);
            }),
            Actor("snapshot", design, memory => memory.SnapshotAndClearDirty(wanted, DirtyClient.Display)),
            Actor("owner", design, Pass));
        Use(design, Pass);
        Check(copy == ram[Neighbour], $"page {Neighbour}: {Stale}");

        void Pass(IDirtyMemory memory)
        {
            if (memory.SnapshotAndClearDirty(Page(Neighbour), DirtyClient.Display).AnyDirty(Page(Neighbour)))
            {
                vcpu.AwaitBlock();
                copy = Volatile.Read(ref ram[Neighbour]);
            }
        }
    }
}
