using System.Runtime.InteropServices;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="NativeMemory"/>: a freed block is poisoned and kept to the end of the execution; freeing twice is a finding.</summary>
[ShimFor(typeof(NativeMemory))]
[PassThrough("Clear", "Copy", "Fill")]
public static unsafe class NativeMemoryShim
{
    public static void* Alloc(nuint byteCount, int site) => Allocate(NativeMemory.Alloc(byteCount), byteCount, aligned: false, site);

    public static void* Alloc(nuint elementCount, nuint elementSize, int site) =>
        Allocate(NativeMemory.Alloc(elementCount, elementSize), elementCount * elementSize, aligned: false, site);

    public static void* AllocZeroed(nuint byteCount, int site) => Allocate(NativeMemory.AllocZeroed(byteCount), byteCount, aligned: false, site);

    public static void* AllocZeroed(nuint elementCount, nuint elementSize, int site) =>
        Allocate(NativeMemory.AllocZeroed(elementCount, elementSize), elementCount * elementSize, aligned: false, site);

    public static void* AlignedAlloc(nuint byteCount, nuint alignment, int site) =>
        Allocate(NativeMemory.AlignedAlloc(byteCount, alignment), byteCount, aligned: true, site);

    public static void* Realloc(void* ptr, nuint byteCount, int site)
    {
        if (ControlledThread.Current is not { } self || self.Execution.SizeOf(ptr) == 0)
        {
            return Allocate(NativeMemory.Realloc(ptr, byteCount), byteCount, aligned: false, site);
        }

        // Always moves: code that keeps the old address after growing is wrong, and here it shows.
        void* moved = Alloc(byteCount, site);
        NativeMemory.Copy(ptr, moved, nuint.Min(byteCount, self.Execution.SizeOf(ptr)));
        Free(ptr, site);
        return moved;
    }

    public static void* AlignedRealloc(void* ptr, nuint byteCount, nuint alignment, int site)
    {
        if (ControlledThread.Current is not { } self || self.Execution.SizeOf(ptr) == 0)
        {
            return Allocate(NativeMemory.AlignedRealloc(ptr, byteCount, alignment), byteCount, aligned: true, site);
        }

        void* moved = AlignedAlloc(byteCount, alignment, site);
        NativeMemory.Copy(ptr, moved, nuint.Min(byteCount, self.Execution.SizeOf(ptr)));
        AlignedFree(ptr, site);
        return moved;
    }

    public static void Free(void* ptr, int site)
    {
        if (!Release(ptr, site))
        {
            NativeMemory.Free(ptr);
        }
    }

    public static void AlignedFree(void* ptr, int site)
    {
        if (!Release(ptr, site))
        {
            NativeMemory.AlignedFree(ptr);
        }
    }

    private static void* Allocate(void* block, nuint size, bool aligned, int site)
    {
        if (ControlledThread.Current is { } self)
        {
            self.Execution.Allocated(block, size, aligned);
            ControlledThread.Point(OperationKind.NativeAlloc, site);
        }

        return block;
    }

    // True when the checker keeps the block.
    private static bool Release(void* block, int site)
    {
        if (block is null || ControlledThread.Current is not { } self)
        {
            return false;
        }

        ControlledThread.Point(OperationKind.NativeFree, site);
        return self.Execution.Freed(self, block, site);
    }
}
