using Verify.Engine.Translation;

namespace Verify.Engine.Backends.X64;

/// <summary>The code memory in regions: a vCPU fills one at a time without a lock, and takes another when it is full (QEMU's tcg_region).</summary>
/// <remarks>
/// A flush retires all regions in use; they are handed out again when their blocks' slots are: at once after an exclusive flush, otherwise when the
/// grace period ends. So storage and code are recycled together (races.md TB05).
/// </remarks>
internal sealed class CodeRegions
{
    private readonly object _lock = new();
    private readonly CodeMemory _memory;
    private readonly CodeRegion[] _regions;
    private readonly Queue<CodeRegion> _free = [];   // under _lock
    private readonly List<CodeRegion> _used = [];    // under _lock; since the last flush
    private readonly List<CodeRegion> _retired = []; // under _lock; vCPUs may still run their code
    private long _epoch;                             // volatile; written under _lock

    /// <param name="first">Offset of the first region; what is before it is not code of blocks.</param>
    /// <param name="count">Regions; more than vCPUs, or one could wait forever.</param>
    public CodeRegions(CodeMemory memory, int first, int count)
    {
        _memory = memory;
        RegionSize = (memory.Size - first) / count & ~63;
        First = first;
        _regions = [.. Enumerable.Range(0, count).Select(i => new CodeRegion(first + (i * RegionSize), RegionSize))];
        foreach (CodeRegion region in _regions)
        {
            _free.Enqueue(region);
        }
    }

    public int First { get; }

    public int RegionSize { get; }

    /// <summary>Flushes so far. A region taken before the last one is not to be filled any more.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    /// <summary>An empty region, or null if there is none.</summary>
    public CodeRegion? Take(out long epoch)
    {
        lock (_lock)
        {
            epoch = _epoch;
            if (!_free.TryDequeue(out CodeRegion? region))
            {
                return null;
            }

            region.Clear();
            _used.Add(region);
            return region;
        }
    }

    /// <summary>The block whose code is executed at an address, or null.</summary>
    public TbCode? Find(nint address)
    {
        int offset = _memory.OffsetOf(address);
        int region = offset < First ? -1 : (offset - First) / RegionSize;
        return region < 0 || region >= _regions.Length ? null : _regions[region].Find(offset);
    }

    internal void Flush()
    {
        lock (_lock)
        {
            Volatile.Write(ref _epoch, _epoch + 1);
            _retired.AddRange(_used);
            _used.Clear();
        }
    }

    internal void EndGracePeriod()
    {
        lock (_lock)
        {
            _retired.ForEach(_free.Enqueue);
            _retired.Clear();
        }
    }
}

/// <summary>A part of the code memory that one vCPU fills. Offsets are those of the <see cref="CodeMemory"/>.</summary>
internal sealed class CodeRegion(int start, int size)
{
    private readonly int _start = start, _end = start + size;
    private readonly object _lock = new();
    private readonly List<TbCode> _codes = []; // under _lock; ascending, because its vCPU fills it from the start on

    /// <summary>Next free byte. Of the vCPU that fills it.</summary>
    public int Next { get; set; } = start;

    public int Room => _end - Next;

    public bool IsEmpty => Next == _start;

    public void Register(TbCode code)
    {
        lock (_lock)
        {
            _codes.Add(code);
        }
    }

    /// <summary>Gives the code's place back if it is the last one.</summary>
    public void Free(TbCode code, long epoch)
    {
        lock (_lock)
        {
            if (code.Native is { } native && native.Epoch == epoch && Next - native.Entry - native.Length is >= 0 and < 64)
            {
                _codes.Remove(code);
                Next = native.Entry;
            }
        }
    }

    public TbCode? Find(int offset)
    {
        lock (_lock)
        {
            int at = _codes.FindLastIndex(code => code.Native!.Entry <= offset);
            return at >= 0 && offset < _codes[at].Native!.Entry + _codes[at].Native!.CodeLength ? _codes[at] : null;
        }
    }

    internal void Clear()
    {
        lock (_lock)
        {
            _codes.Clear();
            Next = _start;
        }
    }
}
