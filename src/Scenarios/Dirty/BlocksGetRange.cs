using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>Queries of ranges at the edges of words and blocks agree with a plain array of flags.</summary>
public sealed class BlocksGetRange() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "swapped-args", "find_next_bit is given the offset as size and the size as offset (DM04)", Wrong,
            () => Run(o => new ClientBitmapsDirtyMemory<SwappedFindBits>(o))),
    ]))
{
    private const string Wrong = "of the range is wrong";

    private static readonly long[] s_edges = [0, 63, 64, 65, 128];

    public override string Name => "blocks-get-range";

    public override string Summary => "one thread asks for ranges at the edges of words and blocks";

    public override string Source => "races.md DM04, scenario 45";

    private static void Run(MakeDesign make)
    {
        var dirty = new PageRange(63, 2);
        using IDirtyMemoryDesign design = make(new DirtyMemoryOptions
        {
            Pages = 128,
            MaxPages = 128,
            BlockPages = 64,
            Clients = DirtyClients.Migration,
        });
        Use(design, memory =>
        {
            memory.SetDirtyRange(dirty, DirtyClients.Migration);
            foreach (long start in s_edges)
            {
                foreach (long end in s_edges.Where(e => e > start))
                {
                    var range = new PageRange(start, end - start);
                    bool any = Math.Max(start, dirty.Start) < Math.Min(end, dirty.End);
                    bool all = start >= dirty.Start && end <= dirty.End;
                    Check(memory.AnyDirty(range, DirtyClient.Migration) == any, $"\"any dirty\" {Wrong}: {range}, although {dirty} is dirty");
                    Check(memory.AllDirty(range, DirtyClient.Migration) == all, $"\"all dirty\" {Wrong}: {range}, although {dirty} is dirty");
                }
            }
        });
    }
}
