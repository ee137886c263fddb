using Verify.Engine.Display;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>The scan as it was: a clear D of an entry that nobody watched until now counts as a page that nobody wrote.</summary>
internal readonly struct TrustingScan : IScanSteps
{
    public static bool DoubtsNewEntries => false;
}
