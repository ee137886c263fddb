namespace Verify.Checker.Runtime;

/// <summary>What counts as a preemption: switching away from a thread that can go on and did not give way itself.</summary>
/// <remarks>After Musuvathi and Qadeer, "Iterative Context Bounding for Systematic Testing of Multithreaded Programs", PLDI 2007.</remarks>
internal static class Preemption
{
    internal static bool Is(in SchedulingPoint point, int chosen) =>
        chosen != point.Current && point.CurrentEnabled && point.Pending[point.Current].Kind != OperationKind.Yield;
}
