using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="FetchedBitsOnly"/>: clears whatever is asked (DM15; QEMU 9f4bf4baa8b8 calls it a severe data loss issue).</summary>
public sealed class EveryBitAsked : IKvmClearRule
{
    public ulong Clearable(ulong fetched, ulong asked) => asked; // the wrong line: bits nobody fetched are forgotten
}
