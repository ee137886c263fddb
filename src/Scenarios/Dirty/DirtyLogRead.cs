using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>The order in which a reader takes a page; a struct.</summary>
public interface IDirtyLogPass
{
    /// <param name="clear">Clears the bit and re-arms TLBs; whether it was set.</param>
    /// <param name="wait">Waits until the block a vCPU is running has ended.</param>
    /// <param name="copy">Reads memory.</param>
    void Take(Func<bool> clear, Action wait, Action copy);
}

/// <summary>QEMU 9458a9a1: clear, wait for the stores past their check, copy.</summary>
public readonly struct ClearWaitCopy : IDirtyLogPass
{
    public void Take(Func<bool> clear, Action wait, Action copy)
    {
        if (clear())
        {
            wait();
            copy();
        }
    }
}

/// <summary>The dirty log race: a store that passed its check as fast lands after the page was cleared and copied.</summary>
public sealed class DirtyLogRead() : DirtyScenario(DesignsAnd(
    Run<ClearWaitCopy>,
    [
        ScenarioCase.Mutant("no-wait", "the store that passed its check lands after the copy (DM07)", Stale, () => Run<CopyWithoutWaiting>(Flat)),
        ScenarioCase.Mutant(
            "wait-before-clear", "the store passes its check between the wait and the clear (DM07)", Stale, () => Run<WaitBeforeClearing>(Flat)),
    ]))
{
    private const string Stale = "the last copy is stale and the page is clean";

    public override string Name => "dirty-log-read";

    public override string Summary => "a vCPU stores twice in one block while migration clears the page's bit and copies the page";

    public override string Source => "races.md DM07, scenario 35";

    private static IDirtyMemoryDesign Flat(DirtyMemoryOptions options) => new ClientBitmapsDirtyMemory<AtomicBits>(options);

    private static void Run<TPass>(MakeDesign make)
        where TPass : struct, IDirtyLogPass
    {
        const long Written = 0;
        int[] ram = new int[1]; // Volatile
        int copy = 0;
        var vcpu = new StoringVCpu<CleanTestedUnderLock>(ram);
        using IDirtyMemoryDesign design = make(OneWord with { Tlb = vcpu });
        Use(design, memory => vcpu.RunBlock(memory, Written, 1)); // marks the page and makes its entry fast
        RunActors(
            Actor("vcpu", design, memory => vcpu.RunBlock(memory, Written, 2, 3)),
            Actor("migration", design, Pass));
        Use(design, Pass);
        Check(copy == ram[Written], Stale);

        void Pass(IDirtyMemory memory) => default(TPass).Take(
            () => memory.TestAndClearDirty(Page(Written), DirtyClient.Migration),
            vcpu.AwaitBlock,
            () => copy = Volatile.Read(ref ram[Written]));
    }
}
