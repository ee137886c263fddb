using Verify.Engine.Rcu;

namespace Verify.Scenarios.Rcu;

/// <summary>A scenario over RCU: every sound variant is one of its own, and so is each mutant given.</summary>
public abstract class RcuScenario(params ScenarioCase[] cases) : CaseScenario(cases)
{
    /// <summary>What the message of a use after free contains.</summary>
    protected const string UsedAfterFree = "used after it was freed";

    /// <summary>The sound variants, and then the others.</summary>
    protected static ScenarioCase[] VariantsAnd(Action symmetric, Action asymmetric, Action twoPhase, params ScenarioCase[] others) =>
    [
        ScenarioCase.Sound("symmetric", "a counter that never repeats, full fences on both sides", symmetric),
        ScenarioCase.Sound("asymmetric", "as symmetric; the writer's process-wide barrier fences the readers too", asymmetric),
        ScenarioCase.Sound("two-phase", "one phase bit, flipped and waited for twice a grace period", twoPhase),
        .. others,
    ];

    /// <summary>An actor with a reader of its own, which it unregisters however it ends.</summary>
    protected static (string Name, Action Body) Reader<TVariant>(
        string name, RcuDomain<TVariant> rcu, Action<RcuReader<TVariant>> body, Action? onForced = null)
        where TVariant : struct, IRcuVariant =>
        (name, () =>
        {
            RcuReader<TVariant> reader = rcu.Register(onForced);
            try
            {
                body(reader);
            }
            finally
            {
                rcu.Unregister(reader);
            }
        }
    );
}

/// <summary>What readers get hold of and writers free; every use says whether it was freed.</summary>
internal sealed class Protected
{
    private int _freed; // Volatile

    internal void Free() => Volatile.Write(ref _freed, 1);

    /// <exception cref="InvariantViolationException">It was freed.</exception>
    internal void Use()
    {
        if (Volatile.Read(ref _freed) != 0)
        {
            throw new InvariantViolationException("an object was used after it was freed: a reader was missed by the grace period that freed it");
        }
    }
}
