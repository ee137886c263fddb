using Verify.Engine.Dirty;
using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Dirty;
using Verify.Scenarios.Mutants.Rcu;

namespace Verify.Scenarios.Dirty;

/// <summary>Memory grows, and a client goes, while others search and set: no array is used after it was freed.</summary>
/// <remarks>Every operation checks the generation of the array it used (<see cref="BlockStore{TRcu}.Verify"/>).</remarks>
public sealed class GrowFree() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "free-now", "the old array is freed at once (DM06)", UsedAfterFree,
            () => Run(o => new RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, FreeNowGrowth>(o))),
        ScenarioCase.Mutant(
            "no-readlock", "readers enter no section, so the grace period does not wait for them", UsedAfterFree,
            () => Run(o => new RcuDirtyMemoryBlocks<UnlockedReadRcu, AtomicBits, SharedBlockGrowth>(o))),
    ],
    name => name.StartsWith("rcu", StringComparison.Ordinal)))
{
    private const string UsedAfterFree = "used after it was freed";

    public override string Name => "grow-free";

    public override string Summary => "a thread searches and another one sets pages while memory grows and old arrays are reclaimed";

    public override string Source => "races.md DM06, scenario 47";

    private static void Run(MakeDesign make)
    {
        using IDirtyMemoryDesign design = make(OneWord with { MaxPages = 128, Clients = DirtyClients.Migration });
        RunActors(
            Actor("reader", design, memory => memory.AnyDirty(new PageRange(0, 64), DirtyClient.Migration)),
            Actor("setter", design, memory => memory.SetDirty(5, DirtyClient.Migration)),
            ("grower", () =>
            {
                design.Extend(128);
                design.ReclaimDropped();
            }
        ));
        Use(design, memory => Check(memory.GetDirty(5, DirtyClient.Migration), "page 5 was set while memory grew and is clean"));
    }
}
