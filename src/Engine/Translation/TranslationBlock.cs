using Verify.Engine.Backends.X64;

namespace Verify.Engine.Translation;

/// <summary>Descriptor of a translation block: one slot of the <see cref="CodeArena"/>, QEMU's <c>struct TranslationBlock</c>.</summary>
/// <remarks>
/// A pointer to it says nothing about which block it describes: compare generations. What names a block (pc, pages, size, code) is written while it
/// is constructed and does not change until the slot is handed out again; a vCPU sees it through the hash or a jump cache, which publish it.
/// </remarks>
public sealed unsafe class TranslationBlock
{
    private readonly TranslationBlock?[] _arena;     // what slot numbers mean
    private ulong _generation;                       // volatile
    private int _flags;                              // volatile; Invalid is set under JumpLock; unused where Native has them
    private int _destination0, _destination1;        // jmp_dest[n]: (slot + 1) * 2, or 0; plus 1 once the block is dying. Interlocked
    private TbJump _incomingNext0, _incomingNext1;   // jmp_list_next[n]; under the JumpLock of the destination
    private TranslationBlock? _nextInHash;           // volatile; written under the bucket's lock

    internal TranslationBlock(int index, TranslationBlock?[] arena, NativeBlock* native = null)
    {
        Index = index;
        Native = native;
        _arena = arena;
    }

    /// <summary>Number of the slot, from 0; never changes.</summary>
    public int Index { get; }

    /// <summary>QEMU's <c>jmp_lock</c>: guards the list of jumps that lead here, and is held while the invalid mark is set.</summary>
    public object JumpLock { get; } = new();

    /// <summary>Incremented each time the slot is handed out; 0 before the first time.</summary>
    public ulong Generation => Volatile.Read(ref _generation);

    /// <summary>Guest virtual address of the first instruction.</summary>
    public ulong Pc { get; private set; }

    /// <summary>Guest bytes translated, a multiple of 2.</summary>
    public int Size { get; private set; }

    /// <summary>Number of the physical page of the first byte.</summary>
    public int Page0 { get; private set; }

    /// <summary>Number of the physical page of the last byte if the block spans two pages, otherwise -1. May equal <see cref="Page0"/>.</summary>
    public int Page1 { get; private set; } = -1;

    /// <summary>QEMU's <c>cflags</c>: how the block was translated, and the invalid mark. Read by anybody.</summary>
    public TbFlags Flags => (TbFlags)Volatile.Read(ref FlagsWord);

    /// <summary>The invalid mark, CF_INVALID: set by invalidation, and lost when the slot is handed out again.</summary>
    public bool Invalid => (Flags & TbFlags.Invalid) != 0;

    /// <summary>The code that now lives in this slot.</summary>
    public TbCode Code { get; private set; } = null!;

    /// <summary>Head of the list of jumps that lead here. Under <see cref="JumpLock"/>.</summary>
    public TbJump IncomingFirst { get; set; }

    internal PageEntry NextInPage0, NextInPage1; // under the lock of the page

    internal TranslationBlock? NextInHash
    {
        get => Volatile.Read(ref _nextInHash);
        set => Volatile.Write(ref _nextInHash, value);
    }

    internal ref TranslationBlock? NextInHashRef => ref _nextInHash;

    /// <summary>Constructs a new block in the slot, whatever was there. Its invalid mark and links are reset with everything else.</summary>
    internal void Construct(ulong pc, int size, int page0, int page1, TbFlags flags, Guest.Op[] ops, long position)
    {
        ulong generation = _generation + 1;
        Volatile.Write(ref _generation, generation);
        (Pc, Size, Page0, Page1) = (pc, size, page0, page1);
        Volatile.Write(ref FlagsWord, (int)flags);
        IncomingFirst = _incomingNext0 = _incomingNext1 = default;
        _destination0 = _destination1 = 0;
        _nextInHash = null;
        NextInPage0 = NextInPage1 = default;
        Code = new TbCode(this, generation, pc, flags & TbFlags.ModeMask, ops, position);
    }

    /// <summary>Sets the invalid mark. Under <see cref="JumpLock"/>; only constructing a new block over this one takes it away.</summary>
    public void MarkInvalid() => Volatile.Write(ref FlagsWord, FlagsWord | (int)TbFlags.Invalid);

    /// <summary>Where exit <paramref name="n"/> (0 or 1) leads, and whether the block is dying: no jump from it can be linked any more.</summary>
    public (TranslationBlock? Block, bool Dying) Destination(int n)
    {
        int value = Volatile.Read(ref Slot(n));
        return (BlockOf(value), (value & 1) != 0);
    }

    /// <summary>
    /// Claims exit <paramref name="n"/> for a jump to <paramref name="destination"/>: one claimer wins, and none once the block is dying.
    /// </summary>
    public bool TryClaim(int n, TranslationBlock destination) => Interlocked.CompareExchange(ref Slot(n), (destination.Index + 1) * 2, 0) == 0;

    /// <summary>Overwrites exit <paramref name="n"/> whatever it holds. No protocol of the engine does this; it is here for wrong ones.</summary>
    public void ForceDestination(int n, TranslationBlock destination) => Volatile.Write(ref Slot(n), (destination.Index + 1) * 2);

    /// <summary>Marks exit <paramref name="n"/> as that of a dying block: from here on no claim succeeds.</summary>
    /// <returns>Where the exit leads, or null.</returns>
    public TranslationBlock? MarkDying(int n) => BlockOf(Interlocked.Or(ref Slot(n), 1));

    /// <summary>Gives exit <paramref name="n"/> back; the dying mark stays. Whoever claims it next may do so at once.</summary>
    public void Release(int n) => Interlocked.And(ref Slot(n), 1);

    /// <summary>The next jump on the list that exit <paramref name="n"/> is on. Under the <see cref="JumpLock"/> of its destination.</summary>
    public TbJump IncomingNext(int n) => n == 0 ? _incomingNext0 : _incomingNext1;

    /// <inheritdoc cref="IncomingNext"/>
    public void SetIncomingNext(int n, TbJump next)
    {
        if (n == 0)
        {
            _incomingNext0 = next;
        }
        else
        {
            _incomingNext1 = next;
        }
    }

    public override string ToString() => $"slot {Index} generation {Generation} (pc 0x{Pc:x}{(Invalid ? ", invalid" : "")})";

    /// <summary>The slot's side for generated code, where there is generated code: it then holds the flags, which that code tests.</summary>
    internal NativeBlock* Native { get; }

    private ref int FlagsWord => ref Native != null ? ref Native->Flags : ref _flags;

    private ref int Slot(int n) => ref n == 0 ? ref _destination0 : ref _destination1;

    private TranslationBlock? BlockOf(int value) => value < 2 ? null : _arena[(value >> 1) - 1];
}

/// <summary>Exit <paramref name="N"/> of block <paramref name="Origin"/>; the default value ends a list.</summary>
public readonly record struct TbJump(TranslationBlock? Origin, int N);

/// <summary>A block on the list of a page, through its first (0) or second (1) page; the default value ends a list.</summary>
public readonly record struct PageEntry(TranslationBlock? Block, int N);
