using Verify.Checker.Runtime;

namespace Verify.Checker.Tracing;

/// <summary>Counts the cache lines a piece of a rewritten program writes: what other processors would have to fetch again.</summary>
/// <remarks>
/// It runs once, under sequential consistency, each thread as long as it can, and every redirected store, atomic operation (one that fails
/// too) and lock is noted. A line is 64 bytes of an object, from its header on, or of a block of native memory from its start on, as if each
/// began a line: so the count does not depend on where they happen to lie. Not counted: the stack; an object that is not yet reachable from
/// any other; what base-library collections store within themselves, but for <see cref="Array.Clear(Array)"/> where the program was rewritten with
/// <see cref="ArrayClearShim"/>.
/// </remarks>
public static class WrittenLines
{
    /// <summary>Bytes of a line.</summary>
    public const int Bytes = 64;

    private const int MostSteps = 10_000_000;

    /// <summary>Runs all three on a controlled thread, one after the other, and counts the distinct lines written by the second.</summary>
    /// <param name="prepare">Makes what is needed. The program must have been rewritten with its plain accesses.</param>
    /// <param name="counted">What is counted.</param>
    /// <param name="end">Takes it down.</param>
    /// <exception cref="InvalidOperationException">One of them failed; the message says how.</exception>
    public static int Count(Action prepare, Action counted, Action end)
    {
        int lines = 0;
        Failure? failure = null;

        // A thread of its own: the caller's processor affinity and apartment are its own business.
        var thread = new Thread(() =>
        {
            using var run = new ControlledRun(memory: new MemoryOptions { Races = RaceMode.Report }, holdStill: true);
            failure = run.Execute(
                () =>
                {
                    prepare();
                    run.Memory!.Written = [];
                    counted();
                    lines = run.Memory.Written.Count;
                    run.Memory.Written = null;
                    end();
                },
                new KeepRunning(),
                MostSteps).Failure;
        });
        thread.Start();
        thread.Join();
        return failure is null ? lines : throw new InvalidOperationException($"{failure.Kind}: {failure.Message}");
    }

    // The thread that ran goes on while it can.
    private sealed class KeepRunning : IScheduler
    {
        public int ChooseThread(in SchedulingPoint point) => point.CurrentEnabled ? point.Current : point.Enabled[0];

        public int ChooseValue(int count, int thread, int site) => 0;
    }
}
