using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants.Exclusive;

namespace Verify.Scenarios.Translation;

/// <summary>A thread that is no vCPU invalidates a block while a debugger flushes: an exclusive section does not keep those two apart.</summary>
/// <remarks>Invariant: no list contradicts itself, and nobody finds the block afterwards.</remarks>
public sealed class FlushVersusInvalidate() : TbScenario(
    TbCase.Mutant(PagesResetFirst.Entry, "is not on the list of page"),
    TbCase.Sound("per-cpu-flag", "flush and invalidation are under TbLock"),
    TbCase.Sound("exclusive-flush", "the hash is emptied before the page lists, which wait for whoever holds a page"))
{
    public override string Name => "flush-vs-invalidate";

    public override string Summary => "a monitor invalidates a block while a debugger flushes";

    public override string Source => "docs/findings.md; races.md TB05, TB27";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design);
        Check(machine.TbAddJump(Block(machine, 0), 0, Block(machine, 1)), "the jump could not be linked");
        RunActors(
            ("monitor", () => machine.TbPhysInvalidate(Pc(1))),
            ("debugger", machine.TbFlush));
        Check(!machine.TbPhysInvalidate(Pc(1)) && !machine.TbPhysInvalidate(Pc(0)), "the hash finds a block that was flushed");
        Check(machine.Tb.Pages.BlocksOn(0).Count == 0, "the page lists a block that was flushed");
    }
}
