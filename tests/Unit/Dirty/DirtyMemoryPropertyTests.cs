using FsCheck;
using FsCheck.Fluent;
using Verify.Engine.Dirty;

namespace Verify.Tests.Unit.Dirty;

public class DirtyMemoryPropertyTests
{
    public static TheoryData<string, long> Designs
    {
        get
        {
            TheoryData<string, long> data = [];
            foreach (DirtyMemoryEntry entry in DirtyMemoryCatalog.All)
            {
                data.Add(entry.Name, 64);
                data.Add(entry.Name, 128);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Designs))]
    public void Every_sequence_of_operations_answers_as_the_reference_does(string design, long blockPages)
    {
        DirtyMemoryEntry entry = DirtyMemoryCatalog.Find(design);
        Gen<Step> step = from numbers in Gen.Choose(0, ushort.MaxValue).Four()
                         select new Step((byte)numbers.Item1, (ushort)numbers.Item2, (ushort)numbers.Item3, (byte)numbers.Item4);
        Gen<(Step[] Steps, int Pages)> run = from steps in step.ArrayOf()
                                             from pages in Gen.Choose(0, 300)
                                             select (steps, pages);
        Prop.ForAll(Arb.From(run, ShrinkRun), r =>
        {
            using DirtyMemorySteps steps = new(entry, r.Pages, blockPages);
            steps.Run(r.Steps);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150).WithEndSize(150));
    }

    private static IEnumerable<(Step[] Steps, int Pages)> ShrinkRun((Step[] Steps, int Pages) run) =>
        ArbMap.Default.ArbFor<Step[]>().Shrinker(run.Steps).Select(steps => (steps, run.Pages));
}
