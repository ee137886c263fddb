using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>Migration comes, the display goes and memory grows, each by a thread of its own: none of the three undoes another.</summary>
/// <remarks>Found missing by <c>verify mutate</c>: QEMU does all three under its big lock; the designs here have a lock of their own.</remarks>
public sealed class ClientsComeAndGo() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "enable-no-fill", "the pages of a client that comes are clean at first", NotDirty, () => Run(o => new ClientBitmapsDirtyMemory<UnfilledBits>(o))),
    ]))
{
    private const string NotDirty = "are not all dirty at first";

    public override string Name => "clients-come-and-go";

    public override string Summary => "migration is enabled while the display is dropped and memory grows";

    public override string Source => "races.md 2.2 (enable and disable), DM05; docs/mutation.md";

    private static void Run(MakeDesign make)
    {
        const long Last = 127;
        using IDirtyMemoryDesign design = make(OneWord with { MaxPages = 128, Clients = DirtyClients.Display });
        RunActors(
            Actor("migration", design, memory =>
            {
                design.Enable(DirtyClient.Migration);
                Check(memory.AllDirty(new PageRange(0, 64), DirtyClient.Migration), $"migration's pages {NotDirty}");
            }),
            ("display", () => design.Drop(DirtyClient.Display)),
            ("hotplug", () => design.Extend(128)));
        Check(design.EnabledClients == DirtyClients.Migration, $"{design.EnabledClients} enabled instead of migration alone");
        Check(design.PageCount == 128, $"{design.PageCount} pages instead of 128");
        Use(design, memory =>
        {
            memory.TestAndClearDirty(Page(Last), DirtyClient.Migration);
            memory.SetDirty(Last, DirtyClient.Migration);
            Check(memory.TestAndClearDirty(Page(Last), DirtyClient.Migration), $"page {Last} was set and is clean");
            Check(!memory.GetDirty(Last, DirtyClient.Migration), $"page {Last} was cleared and is dirty");
        });
        design.ReclaimDropped();
        CheckMemory(make, design);
    }

    // As much memory as if one had come after the other.
    private static void CheckMemory(MakeDesign make, IDirtyMemoryDesign design)
    {
        using IDirtyMemoryDesign alone = make(OneWord with { MaxPages = 128, Clients = DirtyClients.Display });
        alone.Extend(128);
        alone.Drop(DirtyClient.Display);
        alone.Enable(DirtyClient.Migration);
        alone.ReclaimDropped();
        Check(design.BitmapBytes == alone.BitmapBytes, $"{design.BitmapBytes} bytes are in use instead of {alone.BitmapBytes}");
    }
}
