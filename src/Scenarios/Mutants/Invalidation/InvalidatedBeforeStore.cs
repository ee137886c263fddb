using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;

namespace Verify.Scenarios.Mutants.Invalidation;

/// <summary>A store into a page with code invalidates the blocks, lets go of the page's lock, and only then is done.</summary>
/// <remarks>Races.md TB14: the order of QEMU's notdirty_write since 2019.</remarks>
public readonly struct InvalidatedBeforeStore : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<InvalidatedBeforeStore>(
        "invalidated-before-store", "who translates between the invalidation and the store reads the old bytes, and nobody looks again (TB14)");

    public static bool InvalidatesBeforeStore => true; // the wrong line
}
