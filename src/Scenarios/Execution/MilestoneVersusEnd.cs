using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Execution;

/// <summary>One thread waits for a number of instructions that two harts reach together, and another for one they never reach.</summary>
/// <remarks>
/// Invariant: both wake, each with the right answer, and what was reported is what was retired. Found missing by <c>verify mutate</c>.
/// </remarks>
public sealed class MilestoneVersusEnd() : CaseScenario(
    ScenarioCase.Sound("ended", "reports are added up, and waiters are woken under the lock they look under", () => Run(endsGuest: true)),
    ScenarioCase.Mutant(
        "not-ended", "who waits for what the guest never reaches waits for ever", "waits for|nobody gets any further", () => Run(endsGuest: false)))
{
    private const int Harts = 2, InstructionsOfHart = 4;
    private const long Never = 1000;

    private static readonly GuestImage s_guest = GuestCode.Image(
        GuestCode.Jump(4), GuestCode.Jump(4), GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit), GuestCode.Ecall);

    public override string Name => "milestone-vs-end";

    public override string Summary => "threads wait for numbers of instructions while two harts retire theirs and end";

    public override string Source => "QEMU icount and its timers (icount-common.c); docs/mutation.md";

    private static void Run(bool endsGuest)
    {
        const long Reached = (Harts * InstructionsOfHart) - 1;
        InstructionMilestones milestones = new([Reached, Never]);
        using Machine machine = InvalidationCatalog.Find("exclusive-flush").Create<OrderedMemory, NoAudit>(
            s_guest, new MachineOptions { Cpus = Harts, RamSize = GuestRam.PageSize, TbCapacity = 6, JumpCacheBits = 1, Milestones = milestones });
        int left = Harts; // Interlocked
        bool hasReached = false, hasReachedNever = true;
        RunActors(
            ("vcpu0", () => Exec(0)),
            ("vcpu1", () => Exec(1)),
            ("hot-plug", () => hasReached = milestones.Await(Reached)),
            ("migration", () => hasReachedNever = milestones.Await(Never)));
        Check(hasReached, $"{milestones.Retired} instructions were retired, and who waited for {Reached} was told that they were not");
        Check(!hasReachedNever, $"{milestones.Retired} instructions were retired, and who waited for {Never} was told that they were");
        long retired = machine.Cpus.Sum(cpu => cpu.Instructions);
        Check(milestones.Retired == retired, $"{retired} instructions were retired, and {milestones.Retired} reported");

        void Exec(int hart)
        {
            machine.CpuExec(hart);
            if (Interlocked.Decrement(ref left) == 0 && endsGuest)
            {
                milestones.End();
            }
        }
    }
}
