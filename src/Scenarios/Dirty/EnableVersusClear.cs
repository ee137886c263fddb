using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>Migration is enabled while the display clears: all pages are dirty for migration at first, and its first pass finds them.</summary>
public sealed class EnableVersusClear() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "stale-clients", "the summary is cleared for the clients there were before the clear", Missed,
            () => Run(o => new ByteFlagsDirtyMemory<SummaryWithStaleClients>(o))),
    ]))
{
    private const string Missed = "migration's first pass missed pages";

    public override string Name => "enable-vs-clear";

    public override string Summary => "migration is enabled and makes its first pass while the display clears the only page dirty for it";

    public override string Source => "races.md 2.2 (enable and disable), DM03";

    private static void Run(MakeDesign make)
    {
        var all = new PageRange(0, 64);
        using IDirtyMemoryDesign design = make(OneWord with { Clients = DirtyClients.Display });
        Use(design, memory => memory.SetDirty(0, DirtyClient.Display));
        RunActors(
            Actor("display", design, memory => memory.TestAndClearDirty(Page(0), DirtyClient.Display)),
            Actor("migration", design, memory =>
            {
                design.Enable(DirtyClient.Migration);
                ulong[] found = new ulong[1];
                memory.SyncDirtyBitmap(found, all);
                Check(found[0] == ~0UL, $"{Missed}: it found 0x{found[0]:x}");
            }));
        Use(design, memory => Check(!memory.AnyDirty(all, DirtyClient.Display), "page 0 was cleared for the display and is dirty"));
    }
}
