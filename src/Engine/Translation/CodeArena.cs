namespace Verify.Engine.Translation;

/// <summary>When a flushed slot may be handed out again.</summary>
public enum TbStorage
{
    /// <summary>By the next allocation, as in QEMU up to 2.7: a vCPU may still hold the slot as its last block.</summary>
    RecycledAtOnce,

    /// <summary>Once every vCPU in its execution loop has finished a find-and-patch critical section that began after the flush.</summary>
    AfterGracePeriod,
}

/// <summary>A fixed number of block descriptors, handed out in order and all taken back by a flush. Everything under TbLock.</summary>
public sealed class CodeArena
{
    public const int MaxCapacity = 1 << 20;

    private readonly TranslationBlock?[] _slots; // made on first use
    private readonly TbStorage _storage;
    private int _first;       // [_first, _next) are live
    private int _next;        // next to hand out
    private int _available;   // slots that may be handed out before a flush or the end of a grace period

    /// <param name="capacity">Slots, 2 to <see cref="MaxCapacity"/>.</param>
    public CodeArena(int capacity, TbStorage storage)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, MaxCapacity);
        _slots = new TranslationBlock?[capacity];
        _storage = storage;
        _available = capacity;
    }

    public int Capacity => _slots.Length;

    /// <summary>No slot can be handed out before a flush or the end of a grace period.</summary>
    public bool IsFull => _available == 0;

    /// <summary>Blocks handed out since the last flush.</summary>
    public int LiveCount { get; private set; }

    /// <summary>Flushed slots that wait for a grace period; 0 under <see cref="TbStorage.RecycledAtOnce"/>.</summary>
    public int RetiredCount => Capacity - _available - LiveCount;

    /// <summary>The next slot in order, or null if none is free. Its old contents are still there; construct a block over them.</summary>
    public TranslationBlock? Allocate()
    {
        if (_available == 0)
        {
            return null;
        }

        int index = _next;
        _next = _next + 1 == Capacity ? 0 : _next + 1;
        _available--;
        LiveCount++;
        return _slots[index] ??= new TranslationBlock(index);
    }

    /// <summary>Gives back the slot handed out last, as QEMU's tb_free does; any other is left to the next flush.</summary>
    public void FreeLast(TranslationBlock tb)
    {
        int last = _next == 0 ? Capacity - 1 : _next - 1;
        if (LiveCount > 0 && tb.Index == last)
        {
            _next = last;
            _available++;
            LiveCount--;
        }
    }

    /// <summary>The blocks handed out since the last flush, invalidated ones included.</summary>
    public IEnumerable<TranslationBlock> Live()
    {
        for (int i = 0; i < LiveCount; i++)
        {
            yield return _slots[(_first + i) % Capacity]!;
        }
    }

    /// <summary>Takes all slots back. Recycled at once, the same slots are handed out again from the first on.</summary>
    public void Reset()
    {
        if (_storage == TbStorage.RecycledAtOnce)
        {
            _available = Capacity;
            _next = 0;
        }

        LiveCount = 0;
        _first = _next;
    }

    /// <summary>Every vCPU that could hold a flushed slot has let go of it: all retired slots may be handed out.</summary>
    public void EndGracePeriod() => _available = Capacity - LiveCount;
}
