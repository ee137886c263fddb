using System.Runtime.CompilerServices;
using Verify.Engine.Backends.X64;

namespace Verify.Engine.Translation;

/// <summary>When a flushed slot may be handed out again.</summary>
public enum TbStorage
{
    /// <summary>By the next allocation, as in QEMU: sound if nobody can hold the slot across a flush.</summary>
    RecycledAtOnce,

    /// <summary>Once every vCPU in its execution loop has finished a find-and-patch critical section that began after the flush.</summary>
    AfterGracePeriod,
}

/// <summary>
/// A fixed number of block descriptors and a code buffer of a fixed size, both handed out in order and taken back by a flush; and the map from
/// host positions to blocks (QEMU's tcg_region and its tree of blocks). Safe for any number of threads.
/// </summary>
public sealed unsafe class CodeArena
{
    public const int MaxCapacity = 1 << 20;

    private readonly object _lock = new();
    private readonly TranslationBlock?[] _slots; // made on first use; under _lock
    private readonly TbStorage _storage;
    private NativeBlock[]? _nativeBlocks;        // by slot; what generated code reads
    private readonly List<TbCode> _byPosition = []; // registered code, in ascending order of position; under _lock
    private int _first;       // [_first, _next) are live; under _lock
    private int _next;        // next to hand out; under _lock
    private int _available;   // volatile; slots that may be handed out before a flush or the end of a grace period; written under _lock
    private int _live;        // under _lock
    private long _allocated;  // under _lock
    private int _retired;     // volatile; written under _lock
    private long _position;   // next free position of the code buffer; under _lock
    private long _bufferStart; // positions are never used twice: a flush moves the buffer along; under _lock

    /// <param name="capacity">Slots, 2 to <see cref="MaxCapacity"/>.</param>
    /// <param name="codeCapacity">Ops that fit in the code buffer, at least 1.</param>
    public CodeArena(int capacity, int codeCapacity, TbStorage storage)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, MaxCapacity);
        ArgumentOutOfRangeException.ThrowIfLessThan(codeCapacity, 1);
        _slots = new TranslationBlock?[capacity];
        CodeCapacity = codeCapacity;
        _storage = storage;
        _available = capacity;
    }

    public int Capacity => _slots.Length;

    /// <summary>When flushed slots are handed out again.</summary>
    public TbStorage Storage => _storage;

    /// <summary>Ops that fit in the code buffer.</summary>
    public int CodeCapacity { get; }

    /// <summary>
    /// No slot can be handed out before a flush or the end of a grace period. May have changed when it returns, unless TbLock is held.
    /// </summary>
    public bool IsFull => Volatile.Read(ref _available) == 0;

    /// <summary>Blocks handed out since the last flush.</summary>
    public int LiveCount
    {
        get
        {
            lock (_lock)
            {
                return _live;
            }
        }
    }

    /// <summary>Blocks ever handed out.</summary>
    public long AllocatedCount
    {
        get
        {
            lock (_lock)
            {
                return _allocated;
            }
        }
    }

    /// <summary>Flushed slots that wait for a grace period; 0 under <see cref="TbStorage.RecycledAtOnce"/>.</summary>
    public int RetiredCount => Volatile.Read(ref _retired);

    /// <summary>
    /// The next slot in order, and room for so many ops in the code buffer. The slot's old contents are still there; construct a block over them.
    /// </summary>
    /// <param name="position">The host position of the first op.</param>
    /// <returns>Null if there is no slot or no room: only a flush, or the end of a grace period, helps.</returns>
    public TranslationBlock? Allocate(int ops, out long position)
    {
        lock (_lock)
        {
            position = _position;
            if (_available == 0 || _position + ops > _bufferStart + CodeCapacity)
            {
                return null;
            }

            _position += ops;
            _allocated++;

            int index = _next;
            _next = _next + 1 == Capacity ? 0 : _next + 1;
            Volatile.Write(ref _available, _available - 1);
            _live++;
            return _slots[index] ??= new TranslationBlock(index, _slots, _nativeBlocks == null ? null : NativeBlockOf(index));
        }
    }

    /// <summary>
    /// Makes the code known to <see cref="FindCode"/>. Before the block can be found by any vCPU: one that faults in it looks here (TB18).
    /// </summary>
    public void Register(TbCode code)
    {
        if (code.Native != null)
        {
            code.Native.Region.Register(code);
            return;
        }

        lock (_lock)
        {
            // Nearly always at the end: vCPUs translate in parallel, so a neighbour may be registered first.
            int at = _byPosition.Count;
            while (at > 0 && _byPosition[at - 1].Position > code.Position)
            {
                at--;
            }

            _byPosition.Insert(at, code);
        }
    }

    /// <summary>The block whose code is at a host position, and the number of the op there (tcg_tb_lookup).</summary>
    /// <returns>Null if no registered code covers it.</returns>
    public TbCode? FindCode(long position)
    {
        if (Native != null)
        {
            return Native.Find((nint)position);
        }

        lock (_lock)
        {
            int low = 0, high = _byPosition.Count - 1;
            while (low <= high)
            {
                int middle = (low + high) / 2;
                TbCode code = _byPosition[middle];
                if (position < code.Position)
                {
                    high = middle - 1;
                }
                else if (position >= code.Position + code.Ops.Length)
                {
                    low = middle + 1;
                }
                else
                {
                    return code;
                }
            }

            return null;
        }
    }

    /// <summary>Gives back the slot handed out last, and its code, as QEMU's tb_free does; any other is left to the next flush.</summary>
    /// <remarks>
    /// Nothing happens if a flush has handed the slot to another block since. QEMU's tb_free does not look: it relies on no flush being able to come
    /// in between, and where one can (a flush under TbLock) it would give another vCPU's live block back.
    /// </remarks>
    public void FreeLast(TbCode code)
    {
        lock (_lock)
        {
            if (code.Slot.Generation != code.Generation || code.Position < _bufferStart)
            {
                return;
            }

            code.Native?.Region.Free(code, Native!.Epoch);
            if (_byPosition.Count > 0 && _byPosition[^1] == code)
            {
                _byPosition.RemoveAt(_byPosition.Count - 1);
            }
            else
            {
                _byPosition.Remove(code);
            }

            if (code.Position + code.Ops.Length == _position)
            {
                _position = code.Position;
            }

            int last = _next == 0 ? Capacity - 1 : _next - 1;
            if (_live > 0 && code.Slot.Index == last)
            {
                _next = last;
                Volatile.Write(ref _available, _available + 1);
                _live--;
            }
        }
    }

    /// <summary>The blocks handed out since the last flush, invalidated ones included. While nothing is allocated or flushed.</summary>
    public IEnumerable<TranslationBlock> Live()
    {
        for (int i = 0; i < _live; i++)
        {
            yield return _slots[(_first + i) % Capacity]!;
        }
    }

    /// <summary>Takes all slots back. Recycled at once, the same slots are handed out again from the first on.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            if (_storage == TbStorage.RecycledAtOnce)
            {
                Volatile.Write(ref _available, Capacity);
                _next = 0;
            }

            _live = 0;
            _first = _next;
            Volatile.Write(ref _retired, Capacity - _available);
            Native?.Flush();
            _byPosition.Clear();
            _bufferStart = _position;
        }
    }

    /// <summary>Every vCPU that could hold a flushed slot has let go of it: all retired slots may be handed out.</summary>
    public void EndGracePeriod()
    {
        lock (_lock)
        {
            Volatile.Write(ref _available, Capacity - _live);
            Volatile.Write(ref _retired, 0);
            Native?.EndGracePeriod();
        }
    }

    /// <summary>Where the machine code of the blocks is, or null if there is none. Recycled with the slots.</summary>
    internal CodeRegions? Native { get; private set; }

    /// <summary>What an empty entry of a jump cache points to, where generated code probes it.</summary>
    internal NativeBlock* NoBlock => NativeBlockOf(Capacity);

    /// <summary>Blocks will have machine code. Before the first of them.</summary>
    internal void UseNative(CodeRegions regions)
    {
        Native = regions;
        _nativeBlocks = GC.AllocateArray<NativeBlock>(Capacity + 1, pinned: true);
        for (int i = 0; i <= Capacity; i++)
        {
            _nativeBlocks[i].Slot = i;
        }

        NoBlock->Pc = 1;
    }

    /// <summary>A slot that was handed out.</summary>
    internal TranslationBlock SlotAt(int index) => _slots[index]!;

    private NativeBlock* NativeBlockOf(int index) => (NativeBlock*)Unsafe.AsPointer(ref _nativeBlocks![index]);
}
