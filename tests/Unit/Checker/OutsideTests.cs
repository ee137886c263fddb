using Verify.Checker.Exploration;
using Verify.Checker.Runtime;
using Verify.Checker.Shims;

namespace Verify.Tests.Unit.Checker;

/// <summary>An object that controlled threads use cannot be used by a thread outside control at the same time: the two would not see each other.</summary>
public class OutsideTests
{
    public static TheoryData<string> Uses => ["Monitor", "Lock", "SemaphoreSlim", "ManualResetEvent", "ReaderWriterLockSlim", "Barrier"];

    [Theory]
    [MemberData(nameof(Uses))]
    public void A_use_from_outside_is_refused_on_both_sides(string type)
    {
        object gate = new();
        Lock scope = new();
        SemaphoreSlim semaphore = new(1);
        ManualResetEvent handle = new(true);
        ReaderWriterLockSlim readers = new();
        Barrier barrier = new(1);
        Action use = type switch
        {
            "Monitor" => () => MonitorShim.Enter(gate, 0),
            "Lock" => () => LockShim.Enter(scope, 0),
            "SemaphoreSlim" => () => SemaphoreSlimShim.Wait(semaphore, 0),
            "ManualResetEvent" => () => WaitHandleShim.WaitOne(handle, 0),
            "ReaderWriterLockSlim" => () => ReaderWriterLockSlimShim.EnterReadLock(readers, 0),
            _ => () => BarrierShim.SignalAndWait(barrier, 0),
        };
        Exception? outside = null;

        ExplorationResult result = Explorer.Explore(
            () =>
            {
                use();
                var thread = new Thread(() => outside = Record.Exception(use)); // a real one
                thread.Start();
                thread.Join();
                ThreadShim.Yield(0);
            },
            new ExplorationOptions());

        Assert.IsType<UncontrolledCallException>(outside);
        Assert.Equal(FailureKind.UncontrolledCall, result.Failure?.Kind);
        Assert.Contains("outside control", result.Failure!.Message);
    }

    [Fact]
    public void A_use_after_the_execution_is_an_ordinary_one()
    {
        object gate = new();
        Explorer.Explore(() => Program.Lock(gate, () => { }), new ExplorationOptions { Schedules = 1 });

        Program.Lock(gate, () => Assert.True(Monitor.IsEntered(gate)));
    }
}
