using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Verify.Engine.Dirty;

/// <summary>Native, immutable once published, freed a grace period after it was replaced.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct BlockArray
{
    public long Generation;  // Volatile; positive while allocated
    public long Pages;       // tracked when it was published; all in its blocks
    public long Count;       // blocks; with it end 24 bytes of header, on the line of the first pointers

    // Behind the header: for each block the address its words would have if the first block began at word 0 of the bitmap, so that page / 64 finds a
    // word whatever block it is in; then the blocks.

    /// <summary>The word of a page. The array must not be copied.</summary>
    /// <param name="array">Of at least <paramref name="block"/> + 1 blocks.</param>
    /// <param name="block">The page's block.</param>
    /// <param name="page">Tracked.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong* WordOf(BlockArray* array, long block, long page) => ((ulong**)(array + 1))[block] + (page >> 6);

    public static BitmapBlock* Block(BlockArray* array, long block) => ((BitmapBlock**)(array + 1))[array->Count + block];

    /// <summary>Before the array is published.</summary>
    public static void Put(BlockArray* array, long index, BitmapBlock* block, long blockPages)
    {
        ((BitmapBlock**)(array + 1))[array->Count + index] = block;
        ((ulong**)(array + 1))[index] = block->Words - (index * (blockPages / 64));
    }

    public static long BytesFor(long blocks) => sizeof(BlockArray) + (2 * blocks * sizeof(BitmapBlock*));
}

/// <summary>Native; shared by every array from its creation on, freed only with its client.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
public unsafe struct BitmapBlock
{
    public long Generation;  // Volatile; on a line of its own, so that checks do not share a line with bits

    /// <summary>The bits, behind the header. The block must not be copied.</summary>
    public ulong* Words
    {
        get
        {
            fixed (BitmapBlock* self = &this)
                return (ulong*)(self + 1);
        }
    }

    public static long BytesFor(long pages) => sizeof(BitmapBlock) + pages / 8;
}
