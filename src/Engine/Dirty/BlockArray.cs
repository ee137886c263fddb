using System.Runtime.InteropServices;

namespace Verify.Engine.Dirty;

/// <summary>Native, immutable once published, freed a grace period after it was replaced.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct BlockArray
{
    public long Generation;  // Volatile; positive while allocated
    public long Count;       // blocks; with it end 16 bytes of header, on the line of the first pointers

    /// <summary>The pointers, behind the header. The array must not be copied.</summary>
    public BitmapBlock** Blocks
    {
        get
        {
            fixed (BlockArray* self = &this)
                return (BitmapBlock**)(self + 1);
        }
    }

    public static long BytesFor(long blocks) => sizeof(BlockArray) + blocks * sizeof(BitmapBlock*);
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
