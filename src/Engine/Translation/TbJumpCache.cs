using System.Runtime.CompilerServices;
using Verify.Engine.Backends.X64;

namespace Verify.Engine.Translation;

/// <summary>A vCPU's direct-mapped cache from guest pc to code.</summary>
/// <remarks>
/// Filled by its owner, emptied by anybody, no lock. A block that is being invalidated may be put back after it was evicted (races.md TB10), so a
/// hit counts only while the block is usable; one execution of a block already past that test is tolerated. Evict is a test and a write, not an
/// exchange: it may erase a newer entry, which costs a look-up. An entry is one reference to an immutable pair of pc and code, the one source of
/// truth: they cannot disagree (TB11). Where generated code probes the cache too, that reference is a pointer to the block's <see
/// cref="NativeBlock"/>,
/// which names the same pair, and there is no other entry.
/// </remarks>
public sealed unsafe class TbJumpCache
{
    private readonly TbCode?[] _entries; // each volatile
    private readonly nint[]? _native;    // each volatile; in place of _entries
    private readonly CodeArena? _arena;
    private readonly int _mask;
    private ulong[]? _pcs;               // volatile, each of them too; see Pcs

    /// <param name="bits">Logarithm of the number of entries, 0 to 16.</param>
    /// <param name="native">The arena of the blocks generated code looks up; null if there is no generated code.</param>
    public TbJumpCache(int bits, CodeArena? native = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 16);
        _mask = (1 << bits) - 1;
        _arena = native;
        if (native == null)
        {
            _entries = new TbCode?[1 << bits];
            return;
        }

        _entries = [];
        _native = GC.AllocateArray<nint>(1 << bits, pinned: true);
        Clear();
    }

    /// <summary>Of <see cref="TbFlags"/>, the mode the owner's hart is in: part of what a look-up must match. Owner only.</summary>
    public TbFlags Mode { get; set; }

    /// <summary>Usable code for the pc in the hart's mode, or null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TbCode? Find(ulong pc) => Probe(pc) is { IsUsable: true } code ? code : null;

    /// <summary>What the entry of the pc holds for it, stale or not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TbCode? Probe(ulong pc)
    {
        if (_native != null)
        {
            return ProbeNative(pc);
        }

        TbCode? code = Volatile.Read(ref Entry(pc)); // Pairs with the writes in Set, Evict and Clear.
        return code != null && code.Pc == pc && code.Mode == Mode ? code : null;
    }

    /// <summary>What the entry of the pc holds, for whatever pc. By anybody.</summary>
    public TbCode? Peek(ulong pc)
    {
        if (_native == null)
        {
            return Volatile.Read(ref Entry(pc));
        }

        NativeBlock* block = (NativeBlock*)Volatile.Read(ref _native[Index(pc)]);
        return block == _arena!.NoBlock ? null : _arena.SlotAt(block->Slot).Code;
    }

    /// <summary>Owner only.</summary>
    public void Set(TbCode code)
    {
        if (_native != null)
        {
            Volatile.Write(ref _native[Index(code.Pc)], (nint)code.Slot.Native);
            return;
        }

        Volatile.Write(ref Entry(code.Pc), code);
    }

    /// <summary>Forgets the code if it is there.</summary>
    public void Evict(TbCode code)
    {
        if (_native != null)
        {
            ref nint entry = ref _native[Index(code.Pc)];
            if (Volatile.Read(ref entry) == (nint)code.Slot.Native)
            {
                Volatile.Write(ref entry, (nint)_arena!.NoBlock);
            }

            return;
        }

        if (Volatile.Read(ref Entry(code.Pc)) == code)
        {
            Volatile.Write(ref Entry(code.Pc), null);
        }
    }

    public void Clear()
    {
        for (int i = 0; i < _native?.Length; i++)
        {
            Volatile.Write(ref _native[i], (nint)_arena!.NoBlock);
        }

        for (int i = 0; i < _entries.Length; i++)
        {
            Volatile.Write(ref _entries[i], null);
        }
    }

    /// <summary>The entries, for generated code.</summary>
    internal nint* NativeEntries => (nint*)Unsafe.AsPointer(ref _native![0]);

    /// <summary>
    /// A pc beside each entry, as QEMU keeps it for blocks that may be used at several (tb-jmp-cache.h, CF_PCREL), where pc and code are two words.
    /// No protocol of the engine uses it; it is here for those that do. Each is to be written before its code with release, and read after it.
    /// </summary>
    /// <returns>The pc of the entry that <paramref name="pc"/> uses.</returns>
    public ref ulong PcBeside(ulong pc)
    {
        ulong[] pcs = Volatile.Read(ref _pcs) ?? Interlocked.CompareExchange(ref _pcs, new ulong[_mask + 1], null) ?? _pcs!;
        return ref pcs[Index(pc)];
    }

    private ref TbCode? Entry(ulong pc) => ref _entries[Index(pc)];

    private int Index(ulong pc) => (int)((pc >> 1) ^ (pc >> 2)) & _mask;

    // What generated code does in line (BlockEmitter.EmitIndirectJump), but for the mark, which is the caller's business here.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private TbCode? ProbeNative(ulong pc)
    {
        NativeBlock* block = (NativeBlock*)Volatile.Read(ref _native![Index(pc)]);
        return block->Pc == pc && ((TbFlags)block->Flags & TbFlags.ModeMask) == Mode ? _arena!.SlotAt(block->Slot).Code : null;
    }
}
