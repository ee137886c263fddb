using Verify.Engine.Protocol;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant: a block of RAM goes, and nobody tells the vCPUs' TLBs.</summary>
public readonly struct RemovedWithoutFlush : IProtocol
{
    public static void RemoveBlock(Action unpublish, Action flushTranslations, Action freeAfterGracePeriod)
    {
        unpublish();
        freeAfterGracePeriod(); // the wrong line: flushTranslations belongs before it
    }
}
