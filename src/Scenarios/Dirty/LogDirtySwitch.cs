using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>The display asks for its frame buffer's pages while migration asks for all: each is told of the stores its copy lacks.</summary>
public sealed class LogDirtySwitch() : CaseScenario(
    ScenarioCase.Sound("separate-tables", "each user has its own table (Xen fd91a2a662bc)", Run<SeparateTables>),
    ScenarioCase.Mutant(
        "shared-table-swap", "an operation goes on with the table another one installed (DM18)", Stale, Run<SharedTableSwap>))
{
    private const string Stale = "was stored to, its copy is stale and it is not in the log";

    public override string Name => "log-dirty-switch";

    public override string Summary => "the display tracks its frame buffer while migration turns on the log of all pages and a vCPU stores to both";

    public override string Source => "races.md DM18, scenario 64";

    private static void Run<TTables>()
        where TTables : struct, ILogDirtyTables
    {
        const int FrameBuffer = 0, Other = 1;
        int[] ram = new int[2], displayed = [-1, -1], migrated = [-1, -1]; // ram: Volatile
        var log = new PagingLogDirty<TTables>(2, new PageRange(FrameBuffer, 1));
        ulong[] none = new ulong[1];
        log.TrackFrameBuffer(none);
        log.LogDirty(none);
        Copy([0b11], displayed);
        Copy([0b11], migrated);
        RunActors(
            ("vcpu", () =>
            {
                Store(Other);
                Store(FrameBuffer);
            }
        ),
            ("display", Display),
            ("migration", Migrate));
        Display();
        Migrate();
        Check(displayed[FrameBuffer] == ram[FrameBuffer], $"display: page {FrameBuffer} {Stale}");
        Check(migrated[FrameBuffer] == ram[FrameBuffer], $"migration: page {FrameBuffer} {Stale}");
        Check(migrated[Other] == ram[Other], $"migration: page {Other} {Stale}");

        void Store(int page) => log.GuestWrite(page, () => Volatile.Write(ref ram[page], 1));

        void Display()
        {
            ulong[] fetched = new ulong[1];
            log.TrackFrameBuffer(fetched);
            Copy(fetched, displayed);
        }

        void Migrate()
        {
            ulong[] fetched = new ulong[1];
            log.LogDirty(fetched);
            Copy(fetched, migrated);
        }

        void Copy(ulong[] fetched, int[] copy)
        {
            for (int page = 0; page < ram.Length; page++)
            {
                if ((fetched[0] >> page & 1) != 0)
                {
                    copy[page] = Volatile.Read(ref ram[page]);
                }
            }
        }
    }
}
