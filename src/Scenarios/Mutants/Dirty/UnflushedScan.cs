using Verify.Engine.Display;
using Verify.Engine.Execution;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Clears D in the page tables, and leaves the translations that have seen it set where they are.</summary>
internal readonly struct UnflushedScan : IScanSteps
{
    public static void FlushTlbs(Machine machine)
    {
    }
}
