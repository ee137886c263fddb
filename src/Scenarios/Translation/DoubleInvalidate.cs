using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;
using Verify.Scenarios.Mutants.Linking;

namespace Verify.Scenarios.Translation;

/// <summary>Two vCPUs invalidate the same block: when either of them is told that it is done, nothing leads to the block any more.</summary>
public sealed class DoubleInvalidate() : LinkScenario(SoundAnd(
    TbCase.Mutant(LoserReturnsAtOnce.Entry, "still branches to")))
{
    public override string Name => "double-invalidate";

    public override string Summary => "two vCPUs invalidate the same block, and each goes on as if it were gone";

    public override string Source => "races.md TB27, scenario 23";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design);
        (TranslationBlock origin, TranslationBlock stale) = (Block(machine, 0), Block(machine, 1));
        Check(machine.TbAddJump(origin, 0, stale), "the jump could not be linked");
        RunActors(
            ("vcpu0", () => Invalidate(machine, origin, stale)),
            ("vcpu1", () => Invalidate(machine, origin, stale)));
        CheckLinks(machine);
    }

    private static void Invalidate(Machine machine, TranslationBlock origin, TranslationBlock stale)
    {
        machine.TbPhysInvalidate(stale);
        Check(Volatile.Read(ref origin.Code.Target0) == null, $"{origin} still branches to {stale}, whose invalidation has returned");
        Check(machine.Tb.Hash.Find(stale.Pc, stale.Page0, TbFlags.None) == null, $"the hash still finds {stale}, whose invalidation has returned");
        Check(machine.Cpus[0].JumpCache.Find(stale.Pc) == null, $"a jump cache still finds {stale}, whose invalidation has returned");
    }
}
