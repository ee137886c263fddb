using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants.Generation;

/// <summary>Translation that gives up for want of space releases its page locks and still believes that it holds them.</summary>
/// <remarks>Races.md TB17: QEMU before ad17868eb162 did not clear <c>tcg_ctx->gen_tb</c>.</remarks>
public readonly struct LocksReleasedTwice : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<LocksReleasedTwice>(
        "locks-released-twice", "the cleanup releases the locks again (TB17)");

    public static void GiveUp(PageLocks held) => held.ReleaseWithoutForgetting(); // the wrong line: Dispose
}
