using FsCheck;
using FsCheck.Fluent;
using Verify.Engine.Dirty;
using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Tests.Unit.Dirty;

public class DirtyMemoryPropertyTests
{
    private static readonly Gen<Step> s_step = from n in Gen.Choose(0, ushort.MaxValue).Four()
                                               select new Step((byte)n.Item1, (ushort)n.Item2, (ushort)n.Item3, (byte)n.Item4);

    private static readonly Gen<(Step[] Steps, int Pages)> s_run = from steps in s_step.ArrayOf()
                                                                   from pages in Gen.Choose(0, 300)
                                                                   select (steps, pages);

    private static readonly Dictionary<string, Func<DirtyMemoryOptions, IDirtyMemoryDesign>> s_broken = new()
    {
        ["a range stops a page early at the edge of a block"] = o => new AlteredDesign(o, range => EndsAtEdge(range, o) ? Shorter(range) : range),
        ["a range goes a page too far at the edge of a block"] = o => new AlteredDesign(o, range => EndsAtEdge(range, o) ? Longer(range, o) : range),
        ["an empty range is one page"] = o => new AlteredDesign(o, range => range.Count == 0 ? Longer(range, o) : range),
        ["growth loses the bits of the blocks there are"] = o => new RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, EmptiedGrowth>(o),
        ["a client that comes is not filled"] = o => new ClientBitmapsDirtyMemory<UnfilledBits>(o),
        ["offset and size of a search are swapped (DM04)"] = o => new ClientBitmapsDirtyMemory<SwappedFindBits>(o),
        ["the whole word is taken (DM12)"] = o => new ClientBitmapsDirtyMemory<WholeWordTakenBits>(o),
    };

    public static TheoryData<string, long, int> Designs
    {
        get
        {
            TheoryData<string, long, int> data = [];
            foreach (DirtyMemoryEntry entry in DirtyMemoryCatalog.All)
            {
                data.Add(entry.Name, 64, DirtyMemoryOptions.NeverDense);
                data.Add(entry.Name, 128, DirtyMemoryOptions.NeverDense);
                if (entry.Name.StartsWith("rcu", StringComparison.Ordinal))
                {
                    data.Add(entry.Name, 64, 0);
                    data.Add(entry.Name, 512, 0);
                }
            }
            return data;
        }
    }

    public static TheoryData<string> Broken => [.. s_broken.Keys];

    [Theory]
    [MemberData(nameof(Designs))]
    public void Every_sequence_of_operations_answers_as_the_reference_does(string design, long blockPages, int denseWords) =>
        Check(DirtyMemoryCatalog.Find(design).Create, blockPages, denseWords, Config.QuickThrowOnFailure);

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_wrong_design_is_refuted_by_a_short_sequence_that_can_be_read(string defect)
    {
        Exception refuted = Assert.ThrowsAny<Exception>(() => Check(s_broken[defect], 64, 0, Config.QuickThrowOnFailure.WithReplay(1, 3)));
        string message = refuted.ToString();
        string[] lines = message[message.IndexOf("Shrunk:", StringComparison.Ordinal)..].Split('\n');
        string[] shrunk = [.. lines.SkipWhile(line => line.Trim() != "after").Skip(1).TakeWhile(line => line.StartsWith("  ", StringComparison.Ordinal))
            .Where(line => !line.TrimStart().StartsWith("at ", StringComparison.Ordinal))];
        Assert.InRange(shrunk.Length, 1, 6);
    }

    [Fact]
    public void The_sequences_reach_every_operation_every_edge_and_growth_in_their_midst()
    {
        Dictionary<string, int> reached = [];
        foreach ((Step[] steps, int pages) in s_run.Sample(100, 150))
        {
            using DirtyMemorySteps run = new(DirtyMemoryCatalog.Find("rcu-blocks").Create, pages, 64, 0);
            run.Run(steps);
            foreach ((string what, int times) in run.Reached)
                reached[what] = reached.GetValueOrDefault(what) + times;
        }

        string[] wanted =
        [
            "SetDirty", "SetDirtyFlags", "SetDirtyRange", "SetDirtyWord", "ClearDirtyRange", "ResetDirty", "TestAndClearDirty", "SyncDirtyBitmap",
            "SnapshotAndClearDirty", "AnyDirty", "DirtyRun", "CollectDirty", "RangeIncludesClean", "MergeDirtyLog", "Extend", "Drop", "Enable",
            "empty range", "unaligned start", "aligned start", "end at the edge of a block", "range across blocks", "whole block",
            "end of memory inside a word", "growth within a block", "growth of memory with dirty pages", "a dropped client comes again",
        ];
        Assert.All(wanted, what => Assert.True(reached.GetValueOrDefault(what) >= 20, $"{what}: {reached.GetValueOrDefault(what)} times"));
    }

    private static void Check(Func<DirtyMemoryOptions, IDirtyMemoryDesign> make, long blockPages, int denseWords, Config config) =>
        Prop.ForAll(Arb.From(s_run, ShrinkRun), run =>
        {
            using DirtyMemorySteps steps = new(make, run.Pages, blockPages, denseWords);
            steps.Run(run.Steps);
        }).Check(config.WithMaxTest(150).WithEndSize(150));

    private static IEnumerable<(Step[] Steps, int Pages)> ShrinkRun((Step[] Steps, int Pages) run) =>
        ArbMap.Default.ArbFor<Step[]>().Shrinker(run.Steps).Select(steps => (steps, run.Pages));

    private static bool EndsAtEdge(PageRange range, DirtyMemoryOptions o) => range.End % o.BlockPages == 0;

    private static PageRange Shorter(PageRange range) => range with { Count = Math.Max(0, range.Count - 1) };

    private static PageRange Longer(PageRange range, DirtyMemoryOptions o) => range.End < o.Pages ? range with { Count = range.Count + 1 } : range;
}
