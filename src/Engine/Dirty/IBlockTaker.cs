namespace Verify.Engine.Dirty;

/// <summary>Takes the bits of whole blocks without one interlocked operation a word: swaps in empty ones, and waits.</summary>
/// <remarks>
/// A setter that has found the old block sets its bit there, swapped or not; it is inside a read section, so after a grace period all such bits are
/// in it and nobody else uses it. Until then they are in neither block: a query beside the sync finds the page clean, as it does while a word that
/// was taken by an exchange is on its way. Nobody may act on that who needs the TLBs re-armed first, and the translator does (TB13): hence never for
/// <see cref="DirtyClient.Code"/>.
/// </remarks>
public interface IBlockTaker
{
    /// <summary>Pages of a block.</summary>
    long BlockPages { get; }

    /// <inheritdoc cref="DirtyMemoryOptions.DenseWords"/>
    int DenseWords { get; }

    /// <summary>Swaps blocks for empty ones. Outside any read section.</summary>
    /// <param name="client">Whose.</param>
    /// <param name="range">A block is left alone if it has a tracked page outside: those are not the caller's to take (DM11).</param>
    /// <param name="pages">A page of each block.</param>
    /// <param name="taken">The block swapped out, or null where it was left alone.</param>
    /// <returns>What <see cref="AwaitSetters"/> wants; 0 if nothing was swapped.</returns>
    nint Swap(DirtyClient client, PageRange range, ReadOnlySpan<long> pages, Span<nint> taken);

    /// <summary>Returns when nobody sets a bit in what was swapped out before.</summary>
    void AwaitSetters(nint swapped);

    /// <summary>Gives an emptied block back, for a later swap.</summary>
    void Recycle(nint block);
}
