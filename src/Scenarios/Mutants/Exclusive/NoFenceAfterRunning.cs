using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;

namespace Verify.Scenarios.Mutants.Exclusive;

/// <summary>A vCPU announces that it runs and looks for an exclusive section without a fence in between.</summary>
/// <remarks>Races.md TB22.</remarks>
public readonly struct NoFenceAfterRunning : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<NoFenceAfterRunning>(
        "no-fence-after-running", "the announcement is still in the store buffer when the section looks for it (TB22)");

    public static void FenceAfterRunning() { } // the wrong line
}
