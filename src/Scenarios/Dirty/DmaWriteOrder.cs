using Verify.Engine.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>A device writes a page while migration reads it: what the last copy lacks, the bitmap tells.</summary>
/// <remarks>Write first, set afterwards: then a reader that clears before it copies needs to wait for nobody (races.md DM07).</remarks>
public sealed class DmaWriteOrder() : DirtyScenario(DesignsAnd(
    make => Run(make, setFirst: false),
    [
        ScenarioCase.Mutant(
            "set-before-write", "the bit is cleared and the page copied before the device writes it", Stale,
            () => Run(DirtyMemoryCatalog.Find("client-bitmaps").Create.Invoke, setFirst: true)),
    ]))
{
    private const string Stale = "the copy is stale and the page is clean";

    public override string Name => "dma-write-order";

    public override string Summary => "a device writes a page and marks it dirty while migration clears and copies it";

    public override string Source => "races.md DM07, scenario 36";

    private static void Run(MakeDesign make, bool setFirst)
    {
        const long Written = 5;
        int ram = 0, copy = 0; // ram: Volatile
        using IDirtyMemoryDesign design = make(OneWord);
        RunActors(
            Actor("device", design, memory =>
            {
                if (setFirst)
                {
                    memory.SetDirtyRange(Page(Written), DirtyClients.NoCode); // the wrong line: it belongs behind the write
                }

                Volatile.Write(ref ram, 1);
                if (!setFirst)
                {
                    memory.SetDirtyRange(Page(Written), DirtyClients.NoCode);
                }
            }),
            Actor("migration", design, memory => Pass(memory)));
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
