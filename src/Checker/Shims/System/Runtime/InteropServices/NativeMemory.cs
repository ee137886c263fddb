using System.Runtime.InteropServices;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="NativeMemory"/>: a freed block is poisoned and kept to the end of the execution; freeing twice is a finding.</summary>
[ShimFor(typeof(NativeMemory))]
public static unsafe class NativeMemoryShim
{
    public static void* Alloc(nuint byteCount, int site) => Allocate(NativeMemory.Alloc(byteCount), byteCount, NativeAllocator.Malloc, site);

    public static void* Alloc(nuint elementCount, nuint elementSize, int site) =>
        Allocate(NativeMemory.Alloc(elementCount, elementSize), elementCount * elementSize, NativeAllocator.Malloc, site);

    public static void* AllocZeroed(nuint byteCount, int site) => Allocate(NativeMemory.AllocZeroed(byteCount), byteCount, NativeAllocator.Malloc, site);

    public static void* AllocZeroed(nuint elementCount, nuint elementSize, int site) =>
        Allocate(NativeMemory.AllocZeroed(elementCount, elementSize), elementCount * elementSize, NativeAllocator.Malloc, site);

    public static void* AlignedAlloc(nuint byteCount, nuint alignment, int site) =>
        Allocate(NativeMemory.AlignedAlloc(byteCount, alignment), byteCount, NativeAllocator.Aligned, site);

    public static void* Realloc(void* ptr, nuint byteCount, int site)
    {
        if (!IsOurs(ptr, out nuint size))
        {
            return Allocate(NativeMemory.Realloc(ptr, byteCount), byteCount, NativeAllocator.Malloc, site);
        }

        // Always moves: code that keeps the old address after growing is wrong, and here it shows.
        void* moved = Alloc(byteCount, site);
        Copy(ptr, moved, nuint.Min(byteCount, size), site);
        Free(ptr, site);
        return moved;
    }

    public static void* AlignedRealloc(void* ptr, nuint byteCount, nuint alignment, int site)
    {
        if (!IsOurs(ptr, out nuint size))
        {
            return Allocate(NativeMemory.AlignedRealloc(ptr, byteCount, alignment), byteCount, NativeAllocator.Aligned, site);
        }

        void* moved = AlignedAlloc(byteCount, alignment, site);
        Copy(ptr, moved, nuint.Min(byteCount, size), site);
        AlignedFree(ptr, site);
        return moved;
    }

    public static void Free(void* ptr, int site)
    {
        if (!Release(ptr, NativeAllocator.Malloc, site))
        {
            NativeMemory.Free(ptr);
        }
    }

    public static void AlignedFree(void* ptr, int site)
    {
        if (!Release(ptr, NativeAllocator.Aligned, site))
        {
            NativeMemory.AlignedFree(ptr);
        }
    }

    public static void Clear(void* ptr, nuint byteCount, int site)
    {
        CheckAlive(ptr, byteCount, site);
        NoteWritten(ptr, byteCount);
        NativeMemory.Clear(ptr, byteCount);
    }

    public static void Copy(void* source, void* destination, nuint byteCount, int site)
    {
        CheckAlive(source, byteCount, site);
        CheckAlive(destination, byteCount, site);
        NoteWritten(destination, byteCount);
        NativeMemory.Copy(source, destination, byteCount);
    }

    public static void Fill(void* ptr, nuint byteCount, byte value, int site)
    {
        CheckAlive(ptr, byteCount, site);
        NoteWritten(ptr, byteCount);
        NativeMemory.Fill(ptr, byteCount, value);
    }

    internal static void* Allocate(void* block, nuint size, NativeAllocator allocator, int site)
    {
        if (ControlledThread.Current is { } self)
        {
            self.Execution.Allocated(block, size, allocator);
            ControlledThread.Point(OperationKind.NativeAlloc, site);
        }

        return block;
    }

    // True when the checker keeps the block.
    internal static bool Release(void* block, NativeAllocator allocator, int site)
    {
        if (block is null || ControlledThread.Current is not { } self)
        {
            return false;
        }

        ControlledThread.Point(OperationKind.NativeFree, site);
        return self.Execution.Freed(self, block, allocator, site);
    }

    internal static bool IsOurs(void* block, out nuint size)
    {
        size = 0;
        return ControlledThread.Current is { } self && self.Execution.IsBlock(block, out size);
    }

    // Bulk copies are plain accesses: no point, but never on memory that is gone.
    private static void CheckAlive(void* start, nuint size, int site)
    {
        if (ControlledThread.Current is { } self)
        {
            self.Execution.CheckAlive(self, (nuint)start, size, site);
        }
    }

    private static void NoteWritten(void* start, nuint size)
    {
        if (size > 0 && ControlledThread.Current is { Execution.Memory: { Written: not null } memory })
        {
            memory.NoteWritten((nuint)start, size);
        }
    }
}
