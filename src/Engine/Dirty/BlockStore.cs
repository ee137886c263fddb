using System.Numerics;
using System.Runtime.CompilerServices;
using Verify.Engine.Rcu;

namespace Verify.Engine.Dirty;

/// <summary>The read side of <see cref="RcuDirtyMemoryBlocks{TRcu, TBits, TGrowth}"/>: section, array, block.</summary>
public readonly unsafe struct BlockStore<TRcu>(
    BitmapRoots roots, RcuReader<TRcu> reader, RcuDomain<TRcu>? ownerOfReader, long blockPages, IBlockTaker taker) : IBitmapStore
    where TRcu : struct, IRcuVariant
{
    private readonly int _shift = BitOperations.Log2((ulong)blockPages);
    private readonly long _mask = blockPages - 1; // the page within its block

    public BitmapRoots Roots => roots;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Enter() => reader.EnterLeaf();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Leave(bool entered) => reader.LeaveLeaf(entered);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Open(DirtyClient client) => roots.Load(client);

    // An array that was freed before or while we used it has a negative generation; one check, after use, sees both.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Verify(nint bitmap)
    {
        if (Volatile.Read(ref ((BlockArray*)bitmap)->Generation) <= 0)
            ThrowFreed();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong* WordOf(nint bitmap, long page) => BlockOf(bitmap, page) + ((page & _mask) >> 6);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong* SegmentOf(nint bitmap, long page, ref long wanted, out long offset)
    {
        offset = page & _mask;
        wanted = Math.Min(wanted, _mask + 1 - offset);
        return BlockOf(bitmap, page);
    }

    // A shared reader's users hold a lock, for which others may wait inside their sections.
    public IBlockTaker? Taker(DirtyClient client) =>
        client != DirtyClient.Code && reader.Depth == 0 && reader.OwnerThreadId != RcuReader.Shareable ? taker : null;

    public void Detach() => ownerOfReader?.Unregister(reader);

    // Plain loads: the array does not change once it is published, and Open loaded its pointer with acquire.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong* BlockOf(nint bitmap, long page)
    {
        BlockArray* array = (BlockArray*)bitmap;
        long index = page >> _shift;
        if (index >= array->Count)
            ThrowShort(page, array->Count);
        return ((BitmapBlock**)(array + 1))[index]->Words;
    }

    private void ThrowFreed()
    {
        EndSection();
        throw new UseAfterFreeException(
            "An array of bitmap blocks was used after it was freed: a reader was missed by the grace period that freed it.");
    }

    private void ThrowShort(long page, long count)
    {
        EndSection();
        throw new DirtyMemoryException(
            $"Page {page} is beyond the {count} blocks of its array: the page became reachable before Extend published the array.");
    }

    // Operations have no finally, for speed; a section left open would keep every writer waiting behind the exception.
    private void EndSection() => reader.LeaveLeaf(reader.Depth == 0);
}
