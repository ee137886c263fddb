using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Execution;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Execution;

/// <summary>The machine is paused: by two threads at once, again right after a resume, while vCPUs start, work and are unplugged.</summary>
/// <remarks>
/// Invariant: while anybody's pause holds, nothing of a vCPU changes; and all come to their end. Found by reading, for the list of survivors: in
/// every other scenario one thread pauses, once. QEMU had the first (pause_all_vcpus in a concurrent environment), cloud-hypervisor the second (its #7397).
/// </remarks>
public sealed class PauseVersusPause() : CaseScenario(
    ScenarioCase.Sound("two-pausers", "pauses are counted: the last to resume lets the vCPUs go on", () => TwoPausers(s_sound)),
    ScenarioCase.Sound("again", "a vCPU that stops being parked looks once more, under the lock a pause looks under", () => Again(s_sound)),
    ScenarioCase.Sound("beside-work", "a parked vCPU does its work", BesideWork),
    ScenarioCase.Sound("beside-start", "a vCPU that starts finds the pause, or the pause finds it; a resume finds all that are parked", BesideStart),
    ScenarioCase.Sound("beside-unplug", "a parked vCPU leaves when it is unplugged", BesideUnplug),
    ScenarioCase.Sound("beside-removal", "requests of a vCPU are bits of one word, each set and cleared without losing another", BesideRemoval),
    ScenarioCase.Mutant(
        "not-counted", "the first to resume lets the vCPUs go on, and a pause that still waits for them waits for ever",
        Moves + "|waits for|nobody gets any further",
        () => TwoPausers(s_sound.With<PauseNotCounted>("not-counted", "one thread's resume ends another one's pause"))),
    ScenarioCase.Mutant(
        "left-unasked", "a vCPU leaves after the second pause has seen it parked, and takes an interrupt", Moves,
        () => Again(s_sound.With<ParkLeftUnasked>("left-unasked", "a pause returns while a vCPU is leaving"))))
{
    private const string Moves = "of a paused vCPU has changed";
    private const int Handler = 2; // where the trap handler begins
    private const uint GiveWay = 0x0100000f; // pause: a schedule need not preempt the loop

    private static readonly InvalidationEntry s_sound = InvalidationCatalog.Find("exclusive-flush");

    private static readonly GuestImage s_guest = GuestCode.Image(GiveWay, GuestCode.Jump(-4), GiveWay, GuestCode.Jump(-4));

    public override string Name => "pause-vs-pause";

    public override string Summary => "vCPUs are paused by two threads at once, again after a resume, and beside work, a start and an unplugging";

    public override string Source => "QEMU pause_all_vcpus (cpus.c); docs/mutation.md";

    private static void TwoPausers(InvalidationEntry design)
    {
        using Machine machine = Make(design);
        int left = 2; // Interlocked
        RunActors(
            ("vcpu0", () => machine.CpuExec(0)),
            ("migration", PauseOnce),
            ("monitor", PauseOnce));

        void PauseOnce()
        {
            try
            {
                PauseAndLook(machine);
            }
            finally
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    machine.RequestStop();
                }
            }
        }
    }

    private static void Again(InvalidationEntry design)
    {
        using Machine machine = Make(design);
        RunActors(
            ("vcpu0", () => machine.CpuExec(0)),
            ("monitor", () =>
            {
                machine.PauseAllCpus();
                machine.SetInterrupt(0, InterruptBit.MachineSoftware, true);
                machine.ResumeAllCpus();
                PauseLookAndStop(machine);
            }
        ));
    }

    private static void BesideWork()
    {
        using Machine machine = Make(s_sound);
        int done = 0; // Interlocked
        RunActors(
            ("vcpu0", () => machine.CpuExec(0)),
            ("migration", () =>
            {
                PauseAndLook(machine);
                machine.RunOnCpu(machine.Cpus[0], _ => Interlocked.Increment(ref done));
                machine.RequestStop();
            }
        ),
            ("monitor", () => machine.RunOnCpu(machine.Cpus[0], _ => Interlocked.Increment(ref done))));
        Check(done == 2, $"the work of two threads was done {done} times");
    }

    private static void BesideStart()
    {
        using Machine machine = Make(s_sound);
        RunActors(
            ("plugger", () => machine.CpuExec(machine.AddCpu(GuestCode.Start))),
            ("migration", () => PauseLookAndStop(machine)));
    }

    private static void BesideUnplug()
    {
        using Machine machine = Make(s_sound);
        VCpu cpu = machine.Cpus[0];
        RunActors(
            ("vcpu0", () => machine.CpuExec(cpu)),
            ("monitor", () =>
            {
                machine.PauseAllCpus();
                machine.RemoveCpu(cpu);
                machine.ResumeAllCpus();
            }
        ));
        Check(machine.Cpus.Count == 0, "the vCPU that was unplugged is on the list");
    }

    private static void BesideRemoval()
    {
        using Machine machine = Make(s_sound);
        VCpu cpu = machine.Cpus[0];
        RunActors(
            ("vcpu0", () => machine.CpuExec(cpu)),
            ("migration", () => PauseAndLook(machine)),
            ("monitor", () => machine.RemoveCpu(cpu)));
        Check(machine.Cpus.Count == 0, "the vCPU that was unplugged is on the list");
    }

    private static void PauseLookAndStop(Machine machine)
    {
        try
        {
            PauseAndLook(machine);
        }
        finally
        {
            machine.RequestStop();
        }
    }

    private static void PauseAndLook(Machine machine)
    {
        machine.PauseAllCpus();
        try
        {
            foreach (VCpu cpu in machine.Cpus)
            {
                (ulong pc, long instructions) = (cpu.Pc, cpu.Instructions);
                Thread.Yield();
                Check(cpu.Pc == pc && cpu.Instructions == instructions, $"the state {Moves}: its pc was 0x{pc:x} and is 0x{cpu.Pc:x}");
            }
        }
        finally
        {
            machine.ResumeAllCpus();
        }
    }

    private static Machine Make(InvalidationEntry design)
    {
        Machine machine = design.Create<OrderedMemory, NoAudit>(
            s_guest, new MachineOptions { Cpus = 1, MaxCpus = 2, RamSize = GuestRam.PageSize, TbCapacity = 6, JumpCacheBits = 1 });
        Hart hart = machine.Cpus[0].Hart;
        hart.Write(CsrNumber.Mtvec, GuestCode.Start + (4 * Handler), 0);
        hart.Write(CsrNumber.Mie, 1UL << InterruptBit.MachineSoftware, 0);
        hart.Write(CsrNumber.Mstatus, StatusBit.Mie, 0);
        return machine;
    }
}
