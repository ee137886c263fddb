using Verify.Engine.Dirty;
using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>A device writes a page and marks it while migration is enabled: what it wrote is in migration's copy, or the page is dirty.</summary>
/// <remarks>
/// A device that finds no bitmap marks nothing. Then its write must be visible before the fill of the new bitmap is taken, although the device itself
/// executes no fence: enabling does, for all threads. Its view is attached and detached outside, for that takes a lock, which is a fence.
/// </remarks>
public sealed class EnableVersusSet() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "enable-without-grace-period", "the write of a device that found no bitmap becomes visible after the fill was taken", Stale,
            () => Run(o => new RcuDirtyMemoryBlocks<AsymmetricRcu, AtomicBits, UnawaitedGrowth>(o)), MemoryModelName.Tso),
    ]))
{
    private const string Stale = "migration's copy is stale and the page is clean";

    public override string Name => "enable-vs-set";

    public override string Summary => "a device writes a page and marks it while migration is enabled and makes a pass";

    public override string Source => "races.md 2.2 (enable and disable)";

    private static void Run(MakeDesign make)
    {
        const long Written = 5;
        int ram = 0, copy = 0; // ram: Volatile
        using IDirtyMemoryDesign design = make(OneWord with { Clients = DirtyClients.Display });
        IDirtyMemory device = design.AttachShared();
        RunActors(
            ("device", () =>
            {
                Volatile.Write(ref ram, 1);
                device.SetDirty(Written, DirtyClient.Migration);
            }
        ),
            Actor("migration", design, memory =>
            {
                design.Enable(DirtyClient.Migration);
                Pass(memory);
            }));
        device.Detach();
        Use(design, Pass);
        Check(copy == Volatile.Read(ref ram), Stale);

        void Pass(IDirtyMemory memory)
        {
            if (memory.TestAndClearDirty(Page(Written), DirtyClient.Migration))
            {
                copy = Volatile.Read(ref ram);
            }
        }
    }
}
