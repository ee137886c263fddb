using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>The guest has stopped. The display takes its pages while migration makes its last pass: that pass must find every page.</summary>
/// <remarks>A bit on its way from master to the clients is in neither; only waiting for the drain makes "clean" final.</remarks>
public sealed class MasterFinalPass() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "final-without-wait", "the last pass does not wait for the display's drain", Missed,
            () => Run(o => new MasterBitmapDirtyMemory<AtomicBits, UnlockedDrain>(o))),
    ]))
{
    private const string Missed = "migration's last pass did not find it";

    public override string Name => "master-final-pass";

    public override string Summary => "migration makes its last pass while the display takes the same pages";

    public override string Source => "races.md DM17, scenario 42";

    private static void Run(MakeDesign make)
    {
        const long Written = 5;
        using IDirtyMemoryDesign design = make(OneWord);
        Use(design, memory => memory.SetDirtyWord(0, 1UL << (int)Written, DirtyClients.NoCode));
        RunActors(
            Actor("display", design, memory =>
                Check(memory.TestAndClearDirty(Page(Written), DirtyClient.Display), $"page {Written} was written and the display did not find it")),
            Actor("migration", design, memory =>
                Check(memory.TestAndClearDirty(Page(Written), DirtyClient.Migration), $"page {Written} was written and {Missed}")));
    }
}
