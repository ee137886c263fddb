using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>A way to go through the schedules of a test: makes the scheduler of each execution.</summary>
public interface IExplorationStrategy
{
    /// <summary>The scheduler of execution number <paramref name="execution"/> (from 0), or null when every schedule in reach has been tried.</summary>
    /// <param name="execution">Executions are asked for in order, each after the previous one has ended.</param>
    /// <param name="longest">Most steps any earlier execution took; 0 before the first.</param>
    IScheduler? Next(long execution, int longest);

    /// <summary>Whether it enumerates schedules, so that nobody else may decide within one: then executions get no <see cref="FairTail"/>.</summary>
    bool Enumerates => false;
}

/// <summary>A scheduler that wants to know when its execution has ended.</summary>
internal interface IExecutionEnd
{
    /// <summary>All threads have ended, or were unwound.</summary>
    void Ended();
}

/// <summary>A strategy that compares the addresses of pending operations over an execution, so that objects had better stay where they are.</summary>
internal interface IComparesAddresses;
