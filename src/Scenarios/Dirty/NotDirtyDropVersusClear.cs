using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>A store makes its entry fast while migration clears the page: a clean page has no entry that lets stores go unnoticed.</summary>
public sealed class NotDirtyDropVersusClear() : DirtyScenario(DesignsAnd(
    Run<CleanTestedUnderLock>,
    [
        ScenarioCase.Mutant(
            "test-outside-lock", "the entry is made fast after the re-arming passed it (DM10)", Unnoticed, () => Run<CleanTestedOutsideLock>(o => new ClientBitmapsDirtyMemory<AtomicBits>(o))),
    ]))
{
    private const string Unnoticed = "stores to it go unnoticed";

    public override string Name => "notdirty-drop-vs-clear";

    public override string Summary => "a vCPU stores to a clean page and makes its TLB entry fast while migration clears the page and re-arms TLBs";

    public override string Source => "races.md DM10, scenario 33";

    private static void Run<TTest>(MakeDesign make)
        where TTest : struct, ITlbCleanTest
    {
        const long Written = 0;
        int[] ram = new int[1]; // Volatile
        int copy = 0;
        var vcpu = new StoringVCpu<TTest>(ram);
        using IDirtyMemoryDesign design = make(OneWord with { Tlb = vcpu });
        RunActors(
            Actor("vcpu", design, memory =>
            {
                vcpu.RunBlock(memory, Written, 1);
                vcpu.RunBlock(memory, Written, 2);
            }),
            Actor("migration", design, Pass));
        Use(design, memory =>
        {
            Check(!memory.IsClean(Written) || !vcpu.IsFast(Written), $"page {Written} is clean and has a fast TLB entry: {Unnoticed}");
            Pass(memory);
        });
        Check(copy == ram[Written], "the last copy is stale and the page is clean");

        void Pass(IDirtyMemory memory)
        {
            if (memory.TestAndClearDirty(Page(Written), DirtyClient.Migration))
            {
                vcpu.AwaitBlock();
                copy = Volatile.Read(ref ram[Written]);
            }
        }
    }
}
