using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>Memory grows while migration collects and sends: at rest, the count of pages to send is the number of bits.</summary>
public sealed class MigrationGrowCounter() : DirtyScenario(
    ScenarioCase.Sound("count-under-lock", "bits and count change under one lock", Run<CountUnderLock>),
    ScenarioCase.Mutant("counter-outside-lock", "the new pages are counted after the lock was released (DM14)", Wrong, Run<CountOutsideLock>))
{
    private const string Wrong = "pages to send are counted";

    public override string Name => "migration-grow-counter";

    public override string Summary => "RAM grows by two pages and a block of two is new, while migration collects two pages and the sender takes one";

    public override string Source => "races.md DM14, scenario 54";

    private static void Run<TCount>()
        where TCount : struct, IDirtyPageCount
    {
        using IDirtyMemoryDesign design = new ClientBitmapsDirtyMemory<AtomicBits>(OneWord with { Clients = DirtyClients.Migration });
        Use(design, memory => memory.SetDirtyWord(0, 0b101, DirtyClients.Migration));
        var bitmap = new MigrationBitmap<TCount>(60);
        RunActors(
            ("ram list", () =>
            {
                bitmap.Extend(62);
                bitmap.Mark(new PageRange(0, 2)); // one of the two is dirty already, and may be sent or not
            }
        ),
            Actor("migration", design, memory => bitmap.Sync(memory)),
            ("sender", () => bitmap.TakeNext()));
        long bits = bitmap.CountBits();
        Check(bitmap.DirtyPages == bits, $"{bitmap.DirtyPages} {Wrong}, and {bits} are marked");
    }
}
