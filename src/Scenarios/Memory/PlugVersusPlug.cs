using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Memory;
using Verify.Scenarios.Mutants.Memory;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Memory;

/// <summary>Two threads change the RAM of a machine at once: add, remove and resize blocks, with the big lock or without, beside a guest or not.</summary>
/// <remarks>
/// Invariant: each change is done once, blocks share neither addresses nor page numbers, and all come to their end.
/// Found missing by <c>verify mutate</c>: elsewhere one thread changes RAM.
/// </remarks>
public sealed class PlugVersusPlug() : CaseScenario(
    ScenarioCase.Sound("both-add", "one change at a time", BothAdd),
    ScenarioCase.Sound("both-remove", "one change at a time: the second finds the block gone", BothRemove),
    ScenarioCase.Sound("beside-stable", "who wants RAM to be stable takes a turn as a change does", BesideStable),
    ScenarioCase.Sound("under-big-lock", "who changes RAM gives up the big lock before it waits for its turn", () => UnderBigLock(s_sound)),
    ScenarioCase.Sound("busy-guest", "a vCPU is asked to come out when RAM is cut off", () => BusyGuest(s_sound)),
    ScenarioCase.Mutant(
        "big-lock-kept", "one waits for its turn with the big lock, which the other one needs to end its own", "waits for|nobody gets any further",
        () => UnderBigLock(s_sound.With<BigLockKept>("big-lock-kept", "two locks are taken in both orders"))),
    ScenarioCase.Mutant(
        "not-kicked", "a guest that never comes out of its section is waited for for ever", "waits for|nobody gets any further",
        () => BusyGuest(s_sound.With<ReadersNotKicked>("not-kicked", "nobody asks the vCPU to leave its read section"))))
{
    private const uint GiveWay = 0x0100000f; // pause: a schedule need not preempt the loop

    private static readonly InvalidationEntry s_sound = InvalidationCatalog.Find("per-cpu-flag");

    private static readonly GuestImage s_loops = GuestCode.Image(GiveWay, GuestCode.Jump(-4));

    private static readonly GuestImage s_exits = GuestCode.Image(GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit), GuestCode.Ecall);

    public override string Name => "plug-vs-plug";

    public override string Summary => "two threads add, remove and resize blocks of RAM at once";

    public override string Source => "QEMU ram_list.mutex (physmem.c), drain_call_rcu and the BQL (QEMU issue 650); docs/mutation.md";

    private static void BothAdd()
    {
        using Machine machine = Make(s_sound);
        RunActors(
            ("plugger", () => machine.AddRam("a", GuestRam.PageSize)),
            ("monitor", () => machine.AddRam("b", GuestRam.PageSize)));
        IReadOnlyList<RamBlock> blocks = machine.Ram.Others!.Blocks;
        Check(blocks.Count == 2, $"two blocks were added, and {blocks.Count} are there");
        Check(blocks[0].FirstPage != blocks[1].FirstPage, $"both blocks have page {blocks[0].FirstPage}");
        Check(blocks[0].Start != blocks[1].Start, $"both blocks are at 0x{blocks[0].Start:x}");
    }

    private static void BothRemove()
    {
        using Machine machine = Make(s_sound);
        RamBlock block = machine.AddRam("a", GuestRam.PageSize);
        int refused = 0; // Interlocked
        RunActors(
            ("plugger", Remove),
            ("monitor", Remove));
        Check(refused == 1, $"of two who remove a block {refused} were told that it is gone");

        void Remove()
        {
            try
            {
                machine.RemoveRam(block);
            }
            catch (RamListException)
            {
                Interlocked.Increment(ref refused);
            }
        }
    }

    private static void BesideStable()
    {
        using Machine machine = Make(s_sound);
        RamBlock block = machine.AddRam("a", GuestRam.PageSize, maxSize: 2 * GuestRam.PageSize);
        RunActors(
            ("plugger", () =>
            {
                machine.ResizeRam(block, 2 * GuestRam.PageSize);
                machine.RemoveRam(block);
            }
        ),
            ("migration", () => machine.WhileRamIsStable(() =>
            {
                long before = PagesOf(machine);
                Thread.Yield();
                Check(PagesOf(machine) == before, $"there were {before} pages of RAM, and now there are {PagesOf(machine)}, where none come and go");
            })));
    }

    private static void UnderBigLock(InvalidationEntry design)
    {
        using Machine machine = Make(design, s_exits);
        RamBlock block = machine.AddRam("a", GuestRam.PageSize);
        RunActors(
            ("vcpu0", () => machine.CpuExec(0)),
            ("plugger", () => WithBigLock(() => machine.RemoveRam(block))),
            ("monitor", () => WithBigLock(() => machine.AddRam("b", GuestRam.PageSize))));
        Check(PagesOf(machine) == 1, $"one page was added and one removed, and there are {PagesOf(machine)}");

        void WithBigLock(Action change)
        {
            machine.BigLock.Enter();
            change();
            machine.BigLock.Exit();
        }
    }

    private static void BusyGuest(InvalidationEntry design)
    {
        using Machine machine = Make(design);
        RamBlock block = machine.AddRam("a", 2 * GuestRam.PageSize);
        RunActors(
            ("vcpu0", () => machine.CpuExec(0)),
            ("monitor", () =>
            {
                machine.ResizeRam(block, GuestRam.PageSize);
                machine.RequestStop();
            }
        ));
    }

    private static long PagesOf(Machine machine) => machine.Ram.Others!.Blocks.Sum(block => block.UsedPages);

    private static Machine Make(InvalidationEntry design, GuestImage? guest = null) => design.Create<OrderedMemory, NoAudit>(
        guest ?? s_loops,
        new MachineOptions { RamSize = GuestRam.PageSize, MaxRamSize = 4 * GuestRam.PageSize, TbCapacity = 4, JumpCacheBits = 1 });
}
