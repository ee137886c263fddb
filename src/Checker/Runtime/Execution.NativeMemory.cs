using System.Runtime.InteropServices;

namespace Verify.Checker.Runtime;

/// <summary>Who gave a block of native memory out, and so who must take it back.</summary>
internal enum NativeAllocator
{
    Malloc,
    Aligned,
    HGlobal,
    CoTaskMem,
}

internal sealed unsafe partial class Execution
{
    private const byte Poison = 0xDD;

    private readonly SortedList<nuint, NativeBlock> _blocks = []; // by address; blocks never overlap, because none is given out twice
    private int _freedBlocks;

    private record struct NativeBlock(nuint Size, NativeAllocator Allocator, bool Freed, int FreedAt);

    internal void Allocated(void* block, nuint size, NativeAllocator allocator)
    {
        if (block is not null)
        {
            _blocks[(nuint)block] = new NativeBlock(size, allocator, Freed: false, 0);
            Memory?.Forget(block, size);
        }
    }

    /// <summary>Whether the block was allocated in this execution, freed since or not.</summary>
    internal bool IsBlock(void* block, out nuint size)
    {
        bool found = _blocks.TryGetValue((nuint)block, out NativeBlock entry);
        size = entry.Size;
        return found;
    }

    /// <summary>Whether the address is in a block allocated in this execution, and where that starts.</summary>
    internal bool IsInBlock(nuint address, out nuint start)
    {
        int at = BlockAround(address);
        start = at >= 0 ? _blocks.GetKeyAtIndex(at) : 0;
        return at >= 0;
    }

    /// <summary>
    /// Marks the block as freed, poisons it and keeps it until the execution ends, so that an address is never handed out twice in one
    /// execution. False when the block is not of this execution and must be freed for real.
    /// </summary>
    internal bool Freed(ControlledThread self, void* block, NativeAllocator allocator, int site)
    {
        int at = BlockAround((nuint)block);
        if (at < 0)
        {
            return false;
        }

        NativeBlock found = _blocks.GetValueAtIndex(at);
        string place = SiteTable.Get(site).Place;
        string? wrong = found.Freed ? $"native memory freed twice: at {SiteTable.Get(found.FreedAt).Place} and at {place}"
            : _blocks.GetKeyAtIndex(at) != (nuint)block ? $"an address inside a block of native memory freed at {place}; only its first can be"
            : found.Allocator != allocator ? $"native memory from {Name(found.Allocator)} freed as if from {Name(allocator)} at {place}"
            : null;
        if (wrong is not null)
        {
            throw FailHere(self, new Failure(FailureKind.BadFree, wrong, self.Id, Environment.StackTrace));
        }

        new Span<byte>(block, (int)Math.Min(found.Size, int.MaxValue)).Fill(Poison);
        Memory?.Forget(block, found.Size);
        _blocks.SetValueAtIndex(at, found with { Freed = true, FreedAt = site });
        _freedBlocks++;
        return true;
    }

    /// <summary>Fails the execution when a range of memory touches a freed block.</summary>
    internal void CheckAlive(ControlledThread self, nuint address, nuint size, int site)
    {
        if (_freedBlocks == 0 || size == 0 || _aborting)
        {
            return;
        }

        // Blocks do not overlap, so the last one that begins before the range ends decides, and those before it while they reach into the range.
        for (int at = LastBlockAtOrBefore(address + size - 1); at >= 0; at--)
        {
            NativeBlock block = _blocks.GetValueAtIndex(at);
            if (_blocks.GetKeyAtIndex(at) + block.Size <= address)
            {
                return;
            }

            if (block.Freed)
            {
                string message = $"native memory used after it was freed: freed at {SiteTable.Get(block.FreedAt).Place}, used at {SiteTable.Get(site).Place}";
                throw FailHere(self, new Failure(FailureKind.UseAfterFree, message, self.Id, Environment.StackTrace));
            }
        }
    }

    private static string Name(NativeAllocator allocator) => allocator switch
    {
        NativeAllocator.Malloc => "NativeMemory.Alloc",
        NativeAllocator.Aligned => "NativeMemory.AlignedAlloc",
        NativeAllocator.HGlobal => "Marshal.AllocHGlobal",
        _ => "Marshal.AllocCoTaskMem",
    };

    // The index of the block that contains the address, or -1. An empty block contains its own address.
    private int BlockAround(nuint address)
    {
        int at = LastBlockAtOrBefore(address);
        return at >= 0 && address < _blocks.GetKeyAtIndex(at) + nuint.Max(_blocks.GetValueAtIndex(at).Size, 1) ? at : -1;
    }

    private int LastBlockAtOrBefore(nuint address)
    {
        int low = 0, high = _blocks.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_blocks.GetKeyAtIndex(middle) <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }

    // A block that nobody freed stays: a finalizer may free it later, off control, even when the execution was aborted.
    private void ReleaseQuarantine()
    {
        foreach ((nuint address, NativeBlock block) in _blocks)
        {
            if (!block.Freed)
            {
                continue;
            }

            switch (block.Allocator)
            {
                case NativeAllocator.Malloc:
                    NativeMemory.Free((void*)address);
                    break;
                case NativeAllocator.Aligned:
                    NativeMemory.AlignedFree((void*)address);
                    break;
                case NativeAllocator.HGlobal:
                    Marshal.FreeHGlobal((nint)address);
                    break;
                case NativeAllocator.CoTaskMem:
                    Marshal.FreeCoTaskMem((nint)address);
                    break;
            }
        }

        _blocks.Clear();
    }
}
