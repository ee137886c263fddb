using System.Numerics;
using System.Runtime.CompilerServices;
using Verify.Engine.Rcu;

namespace Verify.Engine.Dirty;

/// <summary>The read side of <see cref="RcuDirtyMemoryBlocks{TRcu, TBits, TGrowth}"/>: section, array, block.</summary>
/// <remarks>Few fields, and no method that is called with their address: then the JIT keeps them in registers while a vCPU tests page by page.</remarks>
public readonly unsafe struct BlockStore<TRcu>(BitmapRoots roots, RcuReader<TRcu> reader, BlockOwner<TRcu> owner, long blockPages) : IBitmapStore
    where TRcu : struct, IRcuVariant
{
    private readonly int _shift = BitOperations.Log2((ulong)blockPages);

    public BitmapRoots Roots => roots;

    public bool HasSections => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Enter() => reader.EnterLeaf();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Leave(bool entered) => reader.LeaveLeaf(entered);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Open(DirtyClient client) => roots.Load(client);

    // The array says how many pages it tracks: one comparison instead of those with the page count and the number of blocks.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryOpenInside(long page, DirtyClient client, out nint bitmap)
    {
        bitmap = reader.Depth != 0 ? roots.Load(client) : 0;
        return bitmap != 0 && (ulong)page < (ulong)((BlockArray*)bitmap)->Pages;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong* WordInside(nint bitmap, long page) => BlockArray.WordOf((BlockArray*)bitmap, page >> _shift, page);

    // An array that was freed before or while we used it has a negative generation; one check, after use, sees both.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Verify(nint bitmap)
    {
        if (Volatile.Read(ref ((BlockArray*)bitmap)->Generation) <= 0)
            ThrowFreed(reader);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong* WordOf(nint bitmap, long page)
    {
        BlockArray* array = (BlockArray*)bitmap;
        if (page >> _shift >= array->Count)
            ThrowShort(reader, page, array->Count);
        return BlockArray.WordOf(array, page >> _shift, page); // plain loads: see SegmentOf
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong* SegmentOf(nint bitmap, long page, ref long wanted, out long offset)
    {
        offset = page & ((1L << _shift) - 1);
        wanted = Math.Min(wanted, (1L << _shift) - offset);
        // Plain loads: the array does not change once it is published, and Open loaded its pointer with acquire.
        return WordOf(bitmap, page - offset);
    }

    // A shared reader's users hold a lock, for which others may wait inside their sections.
    public IBlockTaker? Taker(DirtyClient client) =>
        client != DirtyClient.Code && reader.Depth == 0 && reader.OwnerThreadId != RcuReader.Shareable ? owner.Taker : null;

    public void Detach() => owner.OfReader?.Unregister(reader);

    private static void ThrowFreed(RcuReader<TRcu> reader)
    {
        EndSection(reader);
        throw new UseAfterFreeException(
            "An array of bitmap blocks was used after it was freed: a reader was missed by the grace period that freed it.");
    }

    private static void ThrowShort(RcuReader<TRcu> reader, long page, long count)
    {
        EndSection(reader);
        throw new DirtyMemoryException(
            $"Page {page} is beyond the {count} blocks of its array: the page became reachable before Extend published the array.");
    }

    // Operations have no finally, for speed; a section left open would keep every writer waiting behind the exception.
    private static void EndSection(RcuReader<TRcu> reader) => reader.LeaveLeaf(reader.Depth == 0);
}

/// <summary>What a view of blocks needs besides its reader, and rarely.</summary>
/// <param name="OfReader">The domain that the view's reader leaves with it; null if somebody else registered the reader.</param>
/// <param name="Taker">The design.</param>
public sealed record BlockOwner<TRcu>(RcuDomain<TRcu>? OfReader, IBlockTaker Taker)
    where TRcu : struct, IRcuVariant;
