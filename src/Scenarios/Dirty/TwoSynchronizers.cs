using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>Two threads take all dirty pages of one whole word for one client: each page goes to one of them, and none is lost.</summary>
/// <remarks>Found missing by <c>verify mutate</c>: a whole word is taken by an exchange, where <see cref="TwoClearers"/> clears single bits.</remarks>
public sealed class TwoSynchronizers() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "plain-clear", "both load the word before either has stored it (DM02)", Twice, () => Run(o => new ClientBitmapsDirtyMemory<PlainClearBits>(o))),
    ]))
{
    private const string Twice = "were given to both";

    public override string Name => "two-synchronizers";

    public override string Summary => "two threads synchronize the same 64 pages, all dirty, into a bitmap each";

    public override string Source => "races.md DM02, DM12; docs/mutation.md";

    private static void Run(MakeDesign make)
    {
        var all = new PageRange(0, 64);
        ulong[][] synced = [new ulong[1], new ulong[1]];
        using IDirtyMemoryDesign design = make(OneWord);
        Use(design, memory => memory.SetDirtyRange(all, DirtyClients.NoCode));
        RunActors(
            Actor("sync 0", design, memory => memory.SyncDirtyBitmap(synced[0], all)),
            Actor("sync 1", design, memory => memory.SyncDirtyBitmap(synced[1], all)));
        Check((synced[0][0] & synced[1][0]) == 0, $"pages 0x{synced[0][0] & synced[1][0]:x} {Twice}");
        Check((synced[0][0] | synced[1][0]) == ~0UL, $"pages 0x{~(synced[0][0] | synced[1][0]):x} were dirty and given to nobody");
        Use(design, memory => Check(!memory.AnyDirty(all, DirtyClient.Migration), "a page is dirty after it was taken"));
    }
}
