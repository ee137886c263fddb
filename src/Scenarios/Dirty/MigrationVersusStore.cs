using Verify.Engine.Auditing;
using Verify.Engine.Dirty;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Migration;
using Verify.Scenarios.Mutants.Dirty;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Dirty;

/// <summary>A machine is migrated while its vCPU stores: what the vCPU has stored when it stops is in the other machine, where it goes on.</summary>
public sealed class MigrationVersusStore() : DirtyScenario(EntriesAnd(
    Run<CollectThenCopy>,
    [
        ScenarioCase.Mutant(
            "last-round-before-pause", "what is stored between the last round and the pause is not sent", Differs,
            () => Run<LastRoundBeforePause>(DirtyMemoryCatalog.Find("client-bitmaps"))),
    ]))
{
    private const string Differs = "in one machine";

    public override string Name => "migration-vs-store";

    public override string Summary => "a machine is migrated into another one while its vCPU stores twice to a page";

    public override string Source => "races.md DM07, DM17, scenarios 35 and 42, on real vCPUs";

    private static void Run<TSteps>(DirtyMemoryEntry design)
        where TSteps : struct, IMigrationSteps
    {
        const ulong Data = GuestCode.Start + GuestRam.PageSize;
        MachineOptions options = new()
        {
            RamSize = 2 * GuestRam.PageSize,
            TbCapacity = 4,
            JumpCacheBits = 1,
            DirtyMemoryDesign = design,
            DirtyBlockPages = 64,
        };
        InvalidationEntry strategy = InvalidationCatalog.Find("per-cpu-flag");
        using Machine source = strategy.Create<OrderedMemory, NoAudit>(MachineStoreGuest.Image, options);
        using Machine destination = strategy.Create<OrderedMemory, NoAudit>(MachineStoreGuest.Image with { Segments = [] }, options);
        source.Cpus[0].X[GuestCode.A2] = Data;
        RunActors(
            ("vcpu", () => source.CpuExec(0)),
            ("migration", () =>
            {
                using MemoryStream stream = new();
                new LiveMigration<TSteps>(source, stream) { MaxRounds = 1, DowntimePages = 0 }.Run();
                stream.Position = 0;
                new MigrationTarget(destination, stream).Load();
                source.PauseAllCpus();
                string? difference = RamDifference.Find(source, destination);
                source.RequestStop();
                source.ResumeAllCpus();
                Check(difference == null, difference ?? "");
            }
        ));
        destination.CpuExec(0);
        int last = BitConverter.ToInt32(destination.Ram.Slice(Data, sizeof(int)));
        Check(last == MachineStoreGuest.Second, $"the guest has stored {MachineStoreGuest.Second} last, and in the other machine there is {last}");
    }
}
