namespace Verify.Engine.Dirty;

/// <summary>Where a design keeps its bitmaps: all in which <see cref="BitmapView{TStore, TBits}"/> differs between designs.</summary>
/// <remarks>A struct for the JIT to specialise. A "bitmap" is what <see cref="Open"/> returned, valid until <see cref="Leave"/>.</remarks>
public unsafe interface IBitmapStore
{
    BitmapRoots Roots { get; }

    /// <summary>Whether <see cref="TryOpenInside"/> is ever true; a constant.</summary>
    bool HasSections { get; }

    /// <summary>Opens the client's bitmap if the caller is inside a section and the page is there; else go the long way, which enters, checks, throws.</summary>
    /// <param name="page">Any number.</param>
    /// <param name="client">Whose.</param>
    /// <param name="bitmap">For <see cref="WordInside"/> and <see cref="Verify"/>.</param>
    bool TryOpenInside(long page, DirtyClient client, out nint bitmap);

    /// <summary>As <see cref="WordOf"/>, for a bitmap that <see cref="TryOpenInside"/> opened for the page.</summary>
    ulong* WordInside(nint bitmap, long page);

    /// <summary>Begins a read section, in designs that need one; nothing that enters may be called before <see cref="Leave"/>.</summary>
    /// <returns>What <see cref="Leave"/> wants to know.</returns>
    bool Enter();

    void Leave(bool entered);

    /// <summary>The client's bitmap, or 0 if the client is not enabled.</summary>
    nint Open(DirtyClient client);

    /// <summary>Asserts, after use, that the bitmap was not freed meanwhile.</summary>
    void Verify(nint bitmap);

    /// <summary>The word that holds a page; its bit is the page's number modulo 64 in every design.</summary>
    ulong* WordOf(nint bitmap, long page);

    /// <summary>The contiguous piece of bitmap that begins at a page.</summary>
    /// <param name="bitmap">Not 0.</param>
    /// <param name="page">Where to begin.</param>
    /// <param name="wanted">Pages of interest.</param>
    /// <param name="offset">The page's bit, counted from the returned pointer.</param>
    /// <returns>A pointer, and by <paramref name="wanted"/> the pages up to the end of the piece.</returns>
    ulong* SegmentOf(nint bitmap, long page, ref long wanted, out long offset);

    /// <summary>Takes the client's blocks whole; null where bitmaps are not made of blocks, or the caller must not await a grace period.</summary>
    IBlockTaker? Taker(DirtyClient client) => null;

    void Detach();
}
