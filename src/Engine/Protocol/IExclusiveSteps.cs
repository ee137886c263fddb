using Verify.Engine.Execution;

namespace Verify.Engine.Protocol;

/// <summary>Steps of start_exclusive and cpu_exec_start; races.md 3.6, TB22, TB23, TB24.</summary>
public interface IExclusiveSteps
{
    /// <summary>Between announcing an exclusive section and looking for running vCPUs. Pairs with <see cref="FenceAfterRunning"/>.</summary>
    static virtual void FenceBeforeScan() => Interlocked.MemoryBarrier();

    /// <summary>Between a vCPU's change of its running flag and its look for an exclusive section. Pairs with <see cref="FenceBeforeScan"/>.</summary>
    static virtual void FenceAfterRunning() => Interlocked.MemoryBarrier();

    /// <summary>The vCPU is inside an exclusive section of its own already: only count.</summary>
    static virtual bool IsNested(VCpu? self) => self is { ExclusiveDepth: > 0 };

    /// <summary>Safe work is about to enter an exclusive section: who waits there may not hold the big lock, the others need it to come out.</summary>
    static virtual void BeforeSafeWork(BigLock bigLock) => bigLock.Exit();

    /// <inheritdoc cref="BeforeSafeWork"/>
    static virtual void AfterSafeWork(BigLock bigLock) => bigLock.Enter();
}
