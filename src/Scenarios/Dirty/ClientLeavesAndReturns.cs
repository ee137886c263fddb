using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>A client is dropped by two threads, its memory reclaimed, and it is enabled again: it has one bitmap or none, and that is nobody else's.</summary>
/// <remarks>Found missing by <c>verify mutate</c>: a bitmap that was given up may be taken into use again, or freed, and never both.</remarks>
public sealed class ClientLeavesAndReturns() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "enable-no-fill", "the client gets its bitmap back as it was", "clean, although it was enabled anew or is not enabled",
            () => Run(o => new ClientBitmapsDirtyMemory<UnfilledBits>(o))),
    ]))
{
    public override string Name => "client-leaves-and-returns";

    public override string Summary => "migration is dropped twice, reclaimed, and enabled again, by three threads";

    public override string Source => "races.md 2.2 (enable and disable); docs/mutation.md";

    private static void Run(MakeDesign make)
    {
        using IDirtyMemoryDesign design = make(OneWord);
        RunActors(
            ("leaving", () => design.Drop(DirtyClient.Migration)),
            ("cleaning", () =>
            {
                design.Drop(DirtyClient.Migration);
                design.ReclaimDropped();
            }
        ),
            ("returning", () => design.Enable(DirtyClient.Migration)));

        // Whatever came last: enabled anew all is dirty, and of a client that is not enabled the worst is assumed.
        Use(design, memory => Check(
            memory.AllDirty(new PageRange(0, 64), DirtyClient.Migration), "a page of migration is clean, although it was enabled anew or is not enabled"));
        design.ReclaimDropped();
        using IDirtyMemoryDesign alone = make(OneWord with { Clients = design.EnabledClients });
        Check(design.BitmapBytes == alone.BitmapBytes, $"{design.BitmapBytes} bytes are in use instead of {alone.BitmapBytes}");
    }
}
