using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;

namespace Verify.Scenarios.Mutants.Exclusive;

/// <summary>cpu_exec_step_atomic looks its block up before it enters the exclusive section.</summary>
/// <remarks>Races.md TB12; QEMU before 886cc689.</remarks>
public readonly struct FoundBeforeExclusive : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<FoundBeforeExclusive>(
        "found-before-exclusive", "a flush comes between the look-up and the exclusive section, and the slot is handed out again (TB12)");

    public static void StepAtomic<TStep>(ref TStep step)
        where TStep : IAtomicStep
    {
        step.Find(); // the wrong line: it belongs inside
        step.StartExclusive();
        try
        {
            step.Execute();
        }
        finally
        {
            step.EndExclusive();
        }
    }
}
