namespace Verify.Engine.Protocol;

/// <summary>Order of cpu_exec_step_atomic; races.md TB12.</summary>
public interface IStepAtomicSteps
{
    /// <summary>Runs one instruction while no other vCPU runs. What was found outside an exclusive section may not be used inside it.</summary>
    static virtual void StepAtomic<TStep>(ref TStep step)
        where TStep : IAtomicStep
    {
        step.StartExclusive();
        try
        {
            step.Find();
            step.Execute();
        }
        finally
        {
            step.EndExclusive();
        }
    }
}

/// <summary>The operations cpu_exec_step_atomic is made of.</summary>
public interface IAtomicStep
{
    void StartExclusive();

    /// <summary>Looks up, or translates, a block of one instruction.</summary>
    void Find();

    /// <summary>Runs the block found.</summary>
    void Execute();

    void EndExclusive();
}
