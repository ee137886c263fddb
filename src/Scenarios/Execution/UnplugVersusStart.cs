using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Execution;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Execution;

/// <summary>A vCPU is unplugged while its thread starts, while others want something of it, and while its number is given to another one.</summary>
/// <remarks>
/// Invariant: all come to their end, what was asked of the vCPU is done once, and its thread runs no other vCPU. Found by reading, for the list of
/// survivors: no other scenario unplugs a vCPU.
/// </remarks>
public sealed class UnplugVersusStart() : CaseScenario(
    ScenarioCase.Sound("work-queued", "who unplugs a vCPU that has not run does what is queued for it", () => WorkQueued(s_sound)),
    ScenarioCase.Sound("number-reused", "a thread runs the vCPU it was given, or none", () => NumberReused((machine, cpu) => machine.CpuExec(cpu))),
    ScenarioCase.Sound("ram-removed", "a vCPU that has not run and never will has no translations to forget", RamRemoved),
    ScenarioCase.Sound("twice", "the second is told that it is unplugged", Twice),
    ScenarioCase.Sound("interrupted", "an interrupt for a hart that is not there stays pending", Interrupted),
    ScenarioCase.Mutant(
        "work-left", "who waits for work on the vCPU waits for ever", "monitor waits for|nobody gets any further",
        () => WorkQueued(s_sound.With<WorkLeftQueued>("work-left", "what is queued for a vCPU that is unplugged before it has run is never done"))),
    ScenarioCase.Mutant(
        "by-number", "a vCPU's thread asks for a number, under which there is nobody, or another vCPU, by then",
        "there is no vCPU 1|another thread runs vCPU 1|ran the vCPU",
        () => NumberReused((machine, cpu) => machine.CpuExec(cpu.Index))))
{
    private static readonly InvalidationEntry s_sound = InvalidationCatalog.Find("exclusive-flush");

    private static readonly GuestImage s_exits = GuestCode.Image(GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit), GuestCode.Ecall);

    // Hart 0 sends the other one an interrupt.
    private static readonly GuestImage s_sends = GuestCode.Image(
        GuestCode.StoreWord(GuestCode.A1, GuestCode.A2), GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit), GuestCode.Ecall);

    public override string Name => "unplug-vs-start";

    public override string Summary => "a vCPU is unplugged while its thread starts, others want something of it, and its number is used again";

    public override string Source => "QEMU cpu_remove_sync (cpus.c), races.md TB19; docs/mutation.md";

    private static void WorkQueued(InvalidationEntry design)
    {
        using Machine machine = Make(design, s_exits);
        VCpu cpu = machine.AddCpu(GuestCode.Start);
        int done = 0; // Interlocked
        RunActors(
            ("vcpu1", () => machine.CpuExec(cpu)),
            ("plugger", () => machine.RemoveCpu(cpu)),
            ("monitor", () => machine.RunOnCpu(cpu, _ => Interlocked.Increment(ref done))));
        Check(done == 1, $"the work was done {done} times");
        Check(machine.Cpus.Count == 1, "the vCPU that was unplugged is on the list");
    }

    private static void NumberReused(Action<Machine, VCpu> exec)
    {
        using Machine machine = Make(s_sound, s_exits);
        VCpu first = machine.AddCpu(GuestCode.Start);
        VCpu? second = null;
        RunActors(
            ("vcpu1", () => exec(machine, first)),
            ("plugger", () =>
            {
                machine.RemoveCpu(first);
                second = machine.AddCpu(GuestCode.Start);
                Check(second.Index == first.Index, $"vCPU {second.Index} was plugged in where {first.Index} was free");
                exec(machine, second);
            }
        ));
        Check(second!.ExitCode == second.Index, "another thread ran the vCPU, or none");
    }

    private static void RamRemoved()
    {
        using Machine machine = Make(s_sound, s_exits);
        VCpu cpu = machine.AddCpu(GuestCode.Start);
        var block = machine.AddRam("block", GuestRam.PageSize);
        RunActors(
            ("vcpu1", () => machine.CpuExec(cpu)),
            ("plugger", () => machine.RemoveCpu(cpu)),
            ("monitor", () => machine.RemoveRam(block)));
    }

    private static void Twice()
    {
        using Machine machine = Make(s_sound, s_exits);
        VCpu cpu = machine.AddCpu(GuestCode.Start);
        int refused = 0; // Interlocked
        RunActors(
            ("plugger", Remove),
            ("monitor", Remove));
        Check(refused == 1, $"of two who unplug a vCPU {refused} were told that it is unplugged already");
        Check(machine.AddCpu(GuestCode.Start).Index == cpu.Index && machine.Cpus.Count == 2, "the number is not free, or the new vCPU is not listed");

        void Remove()
        {
            try
            {
                machine.RemoveCpu(cpu);
            }
            catch (InvalidOperationException)
            {
                Interlocked.Increment(ref refused);
            }
        }
    }

    private static void Interrupted()
    {
        using Machine machine = Make(s_sound, s_sends);
        VCpu sender = machine.Cpus[0], other = machine.AddCpu(GuestCode.Start + 4);
        (sender.X[GuestCode.A1], sender.X[GuestCode.A2]) = (1, Clint.Address + (4 * (ulong)other.Index));
        RunActors(
            ("vcpu0", () => machine.CpuExec(0)),
            ("plugger", () => machine.RemoveCpu(other)),
            ("device", () => machine.SetInterrupt(other.Index, InterruptBit.MachineExternal, true)));
        Check(sender.ExitCode == 0, $"the hart that sent the interrupt exited with {sender.ExitCode}");
    }

    private static Machine Make(InvalidationEntry design, GuestImage guest) => design.Create<OrderedMemory, NoAudit>(
        guest,
        new MachineOptions
        {
            Cpus = 1,
            MaxCpus = 2,
            RamSize = GuestRam.PageSize,
            MaxRamSize = 2 * GuestRam.PageSize,
            TbCapacity = 6,
            JumpCacheBits = 1,
        });
}
