namespace Verify.Engine.Dirty;

/// <summary>What every design is made from.</summary>
public sealed record DirtyMemoryOptions
{
    /// <summary>Bits of a block in QEMU: 256 KiB of bitmap, 8 GiB of guest memory.</summary>
    public const long DefaultBlockPages = 256L * 1024 * 8;

    /// <summary>Pages tracked at first; all clean.</summary>
    public long Pages { get; init; }

    /// <summary>Most pages there will ever be: what designs that cannot grow reserve (address space, touched on use).</summary>
    public long MaxPages { get; init; } = 1L << 28;

    /// <summary>Pages a block covers, in designs with blocks: a power of two, at least 64.</summary>
    public long BlockPages { get; init; } = DefaultBlockPages;

    /// <summary>
    /// Words a sync takes one by one, at most half of them clean, before it calls a block dense and takes the rest of it whole, in designs that can:
    /// see <see cref="IBlockTaker"/>. 0: every block that is not clean; <see cref="NeverDense"/>: none.
    /// </summary>
    public int DenseWords { get; init; } = DefaultDenseWords;

    /// <summary>A quarter of a microsecond of exchanges.</summary>
    public const int DefaultDenseWords = 64;

    /// <summary>As <see cref="DenseWords"/>: blocks are never taken whole.</summary>
    public const int NeverDense = int.MaxValue;

    /// <summary>Clients enabled at first.</summary>
    public DirtyClients Clients { get; init; } = DirtyClients.All;

    public ITlbRearm Tlb { get; init; } = new NoTlb();

    public IModifiedMemory? Listener { get; init; }

    /// <summary>Freed arrays and blocks that are kept, poisoned, before their memory is returned, so that a use after free is an assertion.</summary>
    public int Quarantine { get; init; } = 16;

    internal void Validate()
    {
        if (Pages < 0 || MaxPages < Pages)
            throw new DirtyMemoryException($"{Pages} pages with a maximum of {MaxPages}: give 0 <= Pages <= MaxPages.");
        if (DenseWords < 0)
            throw new DirtyMemoryException($"A block is called dense after {DenseWords} words: give 0 or more.");
        if (BlockPages < 64 || (BlockPages & (BlockPages - 1)) != 0)
            throw new DirtyMemoryException($"A block of {BlockPages} pages: give a power of two, at least 64.");
    }
}

/// <summary>Dirty memory was asked for something outside its contract.</summary>
public sealed class DirtyMemoryException(string message) : InvalidOperationException(message);
