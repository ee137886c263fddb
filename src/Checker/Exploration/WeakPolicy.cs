using Verify.Checker.MemoryModels;
using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>Who answers the memory machine in each execution, where the strategy does not do it itself.</summary>
/// <remarks>
/// In turn: random answers at rates drawn for the execution, exactly one weak answer, random answers, exactly two. Nearly every known weak bug
/// needs one weak answer; random rates find those that need a long delay. The first execution is sequentially consistent.
/// </remarks>
internal sealed class WeakPolicy(ulong seed)
{
    private readonly WeakBudgetChoices _one = new(1, new Rng(seed, 1).NextUInt64());
    private readonly WeakBudgetChoices _two = new(2, new Rng(seed, 2).NextUInt64());

    internal IWeakChoices For(long execution, IScheduler scheduler)
    {
        if (scheduler is IWeakChoices own)
        {
            return own;
        }

        switch (execution % 4)
        {
            case 0 when execution > 0:
            case 2:
                return new RandomWeakChoices(new Rng(seed ^ 0x5EED, (ulong)execution).NextUInt64());
            case 3:
                _two.NextExecution();
                return _two;
            default:
                _one.NextExecution();
                return _one;
        }
    }
}
