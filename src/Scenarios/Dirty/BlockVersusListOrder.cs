using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>How a RAM block is added; a struct.</summary>
public interface IRamBlockInsertion
{
    void Add(Action extend, Action insert);
}

/// <summary>Dirty memory first, then the list.</summary>
public readonly struct ExtendThenInsert : IRamBlockInsertion
{
    public void Add(Action extend, Action insert)
    {
        extend();
        insert();
    }
}

/// <summary>A RAM block is added and a device writes to it as soon as the list has it: its page is tracked.</summary>
public sealed class BlockVersusListOrder() : DirtyScenario(DesignsAnd(
    Run<ExtendThenInsert>,
    [
        ScenarioCase.Mutant(
            "list-before-extend", "the device finds the block before its pages are tracked", "outside the 64 tracked ones",
            () => Run<InsertThenExtend>(DirtyMemoryCatalog.Find("rcu-blocks").Create.Invoke)),
    ]))
{
    public override string Name => "block-vs-list-order";

    public override string Summary => "a RAM block is added while a device writes to the last page of the list";

    public override string Source => "races.md 2.4, scenario 50";

    private static void Run<TInsertion>(MakeDesign make)
        where TInsertion : struct, IRamBlockInsertion
    {
        long listedPages = 64; // Volatile
        using IDirtyMemoryDesign design = make(OneWord with { MaxPages = 128, Clients = DirtyClients.Migration });
        RunActors(
            ("monitor", () => default(TInsertion).Add(() => design.Extend(128), () => Volatile.Write(ref listedPages, 128))),
            Actor("device", design, memory =>
            {
                long last = Volatile.Read(ref listedPages) - 1;
                memory.SetDirtyRange(Page(last), DirtyClients.Migration);
                Check(memory.GetDirty(last, DirtyClient.Migration), $"page {last} was set and is clean");
            }));
    }
}
