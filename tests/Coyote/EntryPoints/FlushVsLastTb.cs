#if COYOTE
using Microsoft.Coyote.SystematicTesting;
#endif
using Verify.Scenarios;

namespace Verify.CoyoteEntryPoints;

/// <summary>Scenario 1 under the real coyote tool, a method a variant. Coyote finds them by its own attribute.</summary>
public static class FlushVsLastTb
{
#if COYOTE
    [Test]
#endif
    public static void GlobalFlag() => Run("global-flag");

#if COYOTE
    [Test]
#endif
    public static void PerCpuFlag() => Run("per-cpu-flag");

#if COYOTE
    [Test]
#endif
    public static void FlushCounter() => Run("flush-counter");

#if COYOTE
    [Test]
#endif
    public static void ValidMarker() => Run("valid-marker");

#if COYOTE
    [Test]
#endif
    public static void ExclusiveFlush() => Run("exclusive-flush");

#if COYOTE
    [Test]
#endif
    public static void CounterCapturedLate() => Run("counter-captured-late");

#if COYOTE
    [Test]
#endif
    public static void MarkerWithRecycledStorage() => Run("marker-with-recycled-storage");

    private static void Run(string variant) => ScenarioCatalog.Body("flush-vs-last-tb", variant)();
}
