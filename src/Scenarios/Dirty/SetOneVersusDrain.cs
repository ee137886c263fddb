using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>A page is set for one client alone while pages of its word come out of the master bitmap: none is lost.</summary>
/// <remarks>Found missing by <c>verify mutate</c>: a store goes to the master bitmap, but who marks a page for one client writes that client's.</remarks>
public sealed class SetOneVersusDrain() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "plain-or-drain", "a drain loads the client's word, ors and stores it (DM17)", Lost,
            () => Run(o => new MasterBitmapDirtyMemory<AtomicBits, PlainOrDrain>(o))),
    ]))
{
    private const string Lost = "was set and is clean";

    public override string Name => "set-one-vs-drain";

    public override string Summary => "two threads set a page each for one client while a third one clears a page of the same word";

    public override string Source => "races.md DM17; docs/mutation.md";

    private static void Run(MakeDesign make)
    {
        const long ForDisplay = 3, ForMigration = 4, Cleared = 5, ForBoth = 7;
        using IDirtyMemoryDesign design = make(OneWord);
        Use(design, memory => memory.SetDirtyWord(0, 1UL << (int)Cleared | 1UL << (int)ForBoth, DirtyClients.NoCode));
        RunActors(
            Actor("setter 0", design, memory => memory.SetDirty(ForDisplay, DirtyClient.Display)),
            Actor("setter 1", design, memory => memory.SetDirty(ForMigration, DirtyClient.Migration)),
            Actor("clearer", design, memory => Check(
                memory.TestAndClearDirty(Page(Cleared), DirtyClient.Migration), $"page {Cleared} was set before, and a clear did not find it")));
        Use(design, memory =>
        {
            Check(memory.GetDirty(ForDisplay, DirtyClient.Display), $"page {ForDisplay} {Lost} for the display");
            Check(memory.GetDirty(ForMigration, DirtyClient.Migration), $"page {ForMigration} {Lost} for migration");
            Check(memory.GetDirtyFlags(ForBoth).HasFlag(DirtyClients.NoCode), $"page {ForBoth} {Lost} for one of the two");
            Check(!memory.GetDirty(Cleared, DirtyClient.Migration), $"page {Cleared} was cleared and is dirty");
            Check(memory.GetDirty(Cleared, DirtyClient.Display), $"page {Cleared} was cleared for migration and is clean for the display too");
        });
    }
}
