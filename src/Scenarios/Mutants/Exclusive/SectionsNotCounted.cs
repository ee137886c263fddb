using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;

namespace Verify.Scenarios.Mutants.Exclusive;

/// <summary>A vCPU that starts an exclusive section inside its own waits for that one to end.</summary>
/// <remarks>Races.md TB24.</remarks>
public readonly struct SectionsNotCounted : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<SectionsNotCounted>(
        "sections-not-counted", "the inner section waits for the outer one, which waits for it (TB24)");

    public static bool IsNested(VCpu? self) => false; // the wrong line
}
