using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;

namespace Verify.Scenarios.Mutants.Exclusive;

/// <summary>An exclusive section announces itself and looks for running vCPUs without a fence in between.</summary>
/// <remarks>Races.md TB22.</remarks>
public readonly struct NoFenceBeforeScan : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<NoFenceBeforeScan>(
        "no-fence-before-scan", "the announcement is still in the store buffer when a vCPU looks for it (TB22)");

    public static void FenceBeforeScan() { } // the wrong line
}
