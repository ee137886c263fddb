using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;
using Verify.Scenarios.Mutants.Linking;

namespace Verify.Scenarios.Translation;

/// <summary>
/// A vCPU finds a block in the hash while another one invalidates it, and puts it into its jump cache after that was cleared. Once the two have
/// synchronised it may not find the block again.
/// </summary>
public sealed class JumpCacheReinsert() : TbScenario(
    TbCase.Mutant(MarkNotTestedOnHit.Entry, "found the stale"),
    TbCase.Sound("per-cpu-flag", "look-up and invalidation are under TbLock"),
    TbCase.Sound("valid-marker", "look-up and invalidation are under TbLock"),
    TbCase.Sound("exclusive-flush", "the mark is part of what a hit in the jump cache compares"))
{
    public override string Name => "jump-cache-reinsert";

    public override string Summary => "a vCPU looks a block up, twice, while another one invalidates it in between";

    public override string Source => "races.md TB10, scenario 14";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design);
        VCpu v1 = machine.Cpus[1];
        TranslationBlock stale = Block(machine, 0);
        int invalidated = 0;
        RunActors(
            ("vcpu1", () =>
            {
                machine.CpuExecStart(v1);
                Turn(machine, v1, 0);
                bool synchronised = Volatile.Read(ref invalidated) == 1; // Pairs with the write below.
                TbCode? code = Turn(machine, v1, 0);
                Check(!synchronised || code?.Slot != stale, $"the vCPU found the stale {stale} after it had been invalidated");
                Outside(machine, v1);
            }
        ),
            ("invalidator", () =>
            {
                machine.TbPhysInvalidate(stale);
                Volatile.Write(ref invalidated, 1);
            }
        ));
    }
}
