namespace Verify.Checker.Runtime;

internal sealed partial class Execution
{
    // A finally block or a handler may run points of its own while a thread unwinds; one that loops is thrown at again.
    private const int PointsAllowedWhileUnwinding = 10_000;

    internal bool Aborting => _aborting;

    /// <summary>A point reached after the execution has ended early: the first one throws, later ones (in finally blocks) pass.</summary>
    internal static void AbortPoint(ControlledThread self)
    {
        if (!self.Unwinding || ++self.PointsWhileUnwinding % PointsAllowedWhileUnwinding == 0)
        {
            throw BeginUnwinding(self);
        }
    }

    /// <summary>Fails the execution at the calling thread's current operation.</summary>
    internal Exception FailHere(ControlledThread self, Failure failure)
    {
        Fail(failure);
        return BeginUnwinding(self);
    }

    private static ExecutionAbortException BeginUnwinding(ControlledThread self)
    {
        self.Unwinding = true;
        return new ExecutionAbortException();
    }
}
