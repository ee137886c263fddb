using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>A TLB entry is brought in while migration clears the page: a clean page has no entry that lets stores go unnoticed.</summary>
public sealed class TlbFillVersusClear() : DirtyScenario(DesignsAnd(
    Run<CleanTestedUnderLock>,
    [
        ScenarioCase.Mutant(
            "is-clean-outside-lock", "the entry is brought in after the re-arming found none, as fast as the page was dirty (DM09)", Unnoticed, () => Run<CleanTestedOutsideLock>(o => new ClientBitmapsDirtyMemory<AtomicBits>(o))),
    ]))
{
    private const string Unnoticed = "stores to it go unnoticed";

    public override string Name => "tlb-fill-vs-clear";

    public override string Summary => "a vCPU brings in the TLB entry of a dirty page and stores while migration clears the page and re-arms TLBs";

    public override string Source => "races.md DM09, scenario 32";

    private static void Run<TTest>(MakeDesign make)
        where TTest : struct, ITlbCleanTest
    {
        const long Written = 0;
        int[] ram = new int[1]; // Volatile
        int copy = 0;
        var vcpu = new StoringVCpu<TTest>(ram);
        using IDirtyMemoryDesign design = make(OneWord with { Tlb = vcpu });
        Use(design, memory => memory.SetDirty(Written));
        RunActors(
            Actor("vcpu", design, memory =>
            {
                vcpu.Fill(memory, Written);
                vcpu.RunBlock(memory, Written, 1);
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
