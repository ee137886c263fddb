using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;

namespace Verify.Scenarios.Mutants.Exclusive;

/// <summary>A queued flush does not ask whether another one came first.</summary>
/// <remarks>Races.md TB06.</remarks>
public readonly struct EveryRequestFlushes : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<EveryRequestFlushes>(
        "every-request-flushes", "the second request throws away what was translated after the first flush (TB06)");

    public static bool StillWanted(long requested, long current) => true; // the wrong line
}
