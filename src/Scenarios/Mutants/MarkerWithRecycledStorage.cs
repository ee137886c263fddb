using Verify.Engine.Invalidation;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Mutants;

/// <summary>Mutant of <see cref="ValidMarkInvalidation"/>: nothing in it is changed but the storage it is given.</summary>
/// <remarks>Races.md TB04. The mark dies with the block: a new one constructed in the slot is valid, and so a stale last block looks valid.</remarks>
public static class MarkerWithRecycledStorage
{
    public static InvalidationEntry Entry { get; } = InvalidationEntry.Of<ValidMarkInvalidation>(
        "marker-with-recycled-storage", "valid-marker, with slots recycled at once", TbStorage.RecycledAtOnce,
        "a new block in the slot takes the mark away (TB04)");
}
