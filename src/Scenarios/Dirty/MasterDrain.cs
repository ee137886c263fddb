using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>A device writes while display and migration read: each of the two copies ends up as memory is.</summary>
public sealed class MasterDrain() : DirtyScenario(DesignsAnd(
    make => Run(make),
    [
        ScenarioCase.Sound(
            "and-not-under-lock", "while the drain lock is held no client takes what was moved, so swallowing a second set loses nothing",
            () => Run(o => new MasterBitmapDirtyMemory<AtomicBits, AndNotDrain>(o))),
        ScenarioCase.Mutant(
            "self-only", "the bits go to the client that asked (DM17)", Stale,
            () => Run(o => new MasterBitmapDirtyMemory<AtomicBits, SelfOnlyDrain>(o))),
        ScenarioCase.Mutant(
            "load-then-zero", "a bit set between the load and the store of zero is lost (DM17)", Stale,
            () => Run(o => new MasterBitmapDirtyMemory<AtomicBits, LoadThenZeroDrain>(o))),
        ScenarioCase.Mutant(
            "and-not-without-lock", "a second set is swallowed after a client took the first (DM17)", Stale,
            () => Run(o => new MasterBitmapDirtyMemory<AtomicBits, UnlockedAndNotDrain>(o), pages: 1)),
    ]))
{
    private const string Stale = "copy is stale and the page is clean for it";

    public override string Name => "master-drain";

    public override string Summary => "a device writes two pages, one of them twice, while display and migration each take what is dirty";

    public override string Source => "races.md DM17, scenario 41";

    private static void Run(MakeDesign make, int pages = 2)
    {
        int[] ram = new int[pages]; // Volatile
        int[] displayed = new int[pages], migrated = new int[pages];
        using IDirtyMemoryDesign design = make(OneWord);
        Use(design, memory => Write(memory, 0, 1));
        RunActors(
            Actor("device", design, memory =>
            {
                if (pages > 1)
                {
                    Write(memory, 1, 1);
                }

                Write(memory, 0, 2);
            }),
            Actor("display", design, memory => Pass(memory, DirtyClient.Display, displayed)),
            Actor("migration", design, memory => Pass(memory, DirtyClient.Migration, migrated)));
        Use(design, memory =>
        {
            Pass(memory, DirtyClient.Display, displayed);
            Pass(memory, DirtyClient.Migration, migrated);
        });
        for (int page = 0; page < ram.Length; page++)
        {
            Check(displayed[page] == ram[page], $"page {page}: the display's {Stale}");
            Check(migrated[page] == ram[page], $"page {page}: migration's {Stale}");
        }

        void Write(IDirtyMemory memory, int page, int value)
        {
            Volatile.Write(ref ram[page], value);
            memory.SetDirtyWord(0, 1UL << page, DirtyClients.NoCode);
        }

        void Pass(IDirtyMemory memory, DirtyClient client, int[] copy)
        {
            ulong[] dirty = new ulong[1];
            memory.SyncDirtyBitmap(dirty, new PageRange(0, copy.Length), client);
            for (int page = 0; page < copy.Length; page++)
            {
                if ((dirty[0] >> page & 1) != 0)
                {
                    copy[page] = Volatile.Read(ref ram[page]);
                }
            }
        }
    }
}
