using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>A store to a watched page beside the translation of code from it: CODE set means that no block comes from the page.</summary>
/// <remarks>
/// The store is QEMU's notdirty_mem_write: if CODE is clear, invalidate and set it; store; then set every flag but CODE. The translator clears CODE
/// (tlb_protect_code) and adds the block. Both touch blocks under the page's lock.
/// </remarks>
public sealed class ByteFlagRmw() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "byte-flags-rmw", "the flags of the page are loaded, changed and stored back whole (DM01)", Unwatched,
            () => Run(o => new ByteFlagsDirtyMemory<PlainFlagWords>(o))),
    ]))
{
    private const string Unwatched = "stores to it will not be noticed";

    public override string Name => "byte-flag-rmw";

    public override string Summary => "a vCPU stores to a page through the slow path while another one translates code from it";

    public override string Source => "races.md DM01, scenario 37";

    private static void Run(MakeDesign make)
    {
        const long Watched = 5;
        object pageLock = new();
        int blocks = 0; // under pageLock
        using IDirtyMemoryDesign design = make(OneWord with { Clients = DirtyClients.All });
        Use(design, memory => memory.SetDirty(Watched));
        RunActors(
            Actor("vcpu0", design, memory =>
            {
                if (!memory.GetDirty(Watched, DirtyClient.Code))
                {
                    lock (pageLock)
                    {
                        blocks = 0;
                        memory.SetDirty(Watched, DirtyClient.Code);
                    }
                }

                memory.SetDirtyFlags(Watched, DirtyClients.NoCode);
            }),
            Actor("vcpu1", design, memory =>
            {
                lock (pageLock)
                {
                    memory.ClearDirtyRange(Page(Watched), DirtyClients.Code);
                    blocks = 1;
                }
            }));
        Use(design, memory =>
        {
            bool isCode = !memory.GetDirty(Watched, DirtyClient.Code);
            Check(isCode || blocks == 0, $"page {Watched} has a translation block and CODE says that it has none: {Unwatched}");
            Check(memory.GetDirty(Watched, DirtyClient.Migration), $"page {Watched} was stored to and is clean for migration");
        });
    }
}
