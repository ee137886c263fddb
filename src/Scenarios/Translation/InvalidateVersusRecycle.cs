using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;
using Verify.Scenarios.Mutants.Invalidation;

namespace Verify.Scenarios.Translation;

/// <summary>
/// A thread that is no vCPU invalidates a block it knows by its slot, while a vCPU flushes and translates a block of another page into that slot.
/// </summary>
/// <remarks>
/// Invariants: no page list is touched without its lock, and a list and the hash agree on the new block. Whether that one is invalidated with the old
/// one is nobody's loss: it is translated again.
/// </remarks>
public sealed class InvalidateVersusRecycle() : TbScenario(
    TbCase.Mutant(PagesNotComparedAgain.Entry, "must be locked here"),
    TbCase.Sound("per-cpu-flag", "flush and invalidation are under TbLock"),
    TbCase.Sound("exclusive-flush", "the pages of the slot are compared with those that are locked"))
{
    private static GuestImage Guest { get; } = GuestCode.Image([GuestCode.Jump(4), .. new uint[1023], GuestCode.Jump(4)]);

    public override string Name => "invalidate-vs-recycle";

    public override string Summary => "a monitor invalidates a block while a vCPU flushes and reuses its slot for another page";

    public override string Source => "races.md TB05, TB27";

    /// <inheritdoc/>
    public override bool AppliesTo(InvalidationEntry design) => design.Storage == TbStorage.RecycledAtOnce; // otherwise no slot changes its page here

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = design.Create<OrderedMemory, GenerationAudit>(Guest, Small with { Cpus = 1, RamSize = 2 * GuestRam.PageSize });
        VCpu v0 = machine.Cpus[0];
        TranslationBlock slot = Block(machine, 0);
        RunActors(
            ("monitor", () => machine.TbPhysInvalidate(slot)),
            ("vcpu0", () =>
            {
                machine.TbFlush(v0);
                machine.ProcessQueuedWork(v0);
                machine.CpuExecStart(v0);
                Turn(machine, v0, 1024);
                Outside(machine, v0);
            }
        ));
        Check((slot.Page0, slot.Generation) == (1, 2UL), $"{slot} was not handed out again");
        int times = machine.Tb.Pages.BlocksOn(1).Count(tb => tb == slot);
        bool isFound = machine.Tb.Hash.Find(Pc(1024), 1, TbFlags.None) == slot;
        Check(
            times == (slot.Invalid ? 0 : 1) && isFound == !slot.Invalid,
            $"{slot} is {times} times on its page, and {(isFound ? "" : "not ")}in the hash");
        Check(machine.Tb.Pages.BlocksOn(0).Count == 0, "the first page lists a block that was flushed");
    }
}
