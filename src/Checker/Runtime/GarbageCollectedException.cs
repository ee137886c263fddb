namespace Verify.Checker.Runtime;

/// <summary>A garbage collection ran in every attempt at one execution, so that no location kept its address.</summary>
public sealed class GarbageCollectedException()
    : Exception("every attempt at one execution was disturbed by a garbage collection; under a memory model or with race detection the code "
        + "under test must not call GC.Collect and may allocate at most 1 GB in an execution");
