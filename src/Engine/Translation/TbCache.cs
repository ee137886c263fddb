namespace Verify.Engine.Translation;

/// <summary>The physical hash of blocks by guest pc, and the list of blocks of each guest page. Everything under TbLock.</summary>
/// <remarks>
/// Why not a concurrent dictionary: find, generate, decide and patch are one critical section, as in QEMU until lookup left tb_lock in 2.8.
/// </remarks>
public sealed class TbCache
{
    private readonly TranslationBlock?[] _buckets;
    private readonly TranslationBlock?[] _pages;
    private readonly int _shift;

    /// <param name="capacity">Blocks expected; sizes the hash.</param>
    /// <param name="pages">Guest pages.</param>
    public TbCache(int capacity, int pages)
    {
        int bits = Math.Clamp(System.Numerics.BitOperations.Log2((uint)capacity) + 1, 2, 15);
        _buckets = new TranslationBlock?[1 << bits];
        _pages = new TranslationBlock?[pages];
        _shift = 64 - bits;
    }

    public TranslationBlock? Find(ulong pc, ulong physical, TbMode mode)
    {
        TranslationBlock? tb = Bucket(physical);
        while (tb != null && (tb.Pc != pc || tb.Physical != physical || tb.Code.Mode != mode))
        {
            tb = tb.NextInHash;
        }

        return tb;
    }

    /// <summary>Some block that starts at the physical address.</summary>
    public TranslationBlock? FindAny(ulong physical)
    {
        TranslationBlock? tb = Bucket(physical);
        while (tb != null && tb.Physical != physical)
        {
            tb = tb.NextInHash;
        }

        return tb;
    }

    /// <param name="page">Number of the page the block lies in; blocks end at page boundaries.</param>
    public void Insert(TranslationBlock tb, int page)
    {
        ref TranslationBlock? bucket = ref Bucket(tb.Physical);
        tb.NextInHash = bucket;
        bucket = tb;
        tb.NextInPage = _pages[page];
        _pages[page] = tb;
    }

    /// <returns>False if the block was not in the cache: somebody else has removed it.</returns>
    public bool Remove(TranslationBlock tb, int page)
    {
        ref TranslationBlock? at = ref Bucket(tb.Physical);
        while (at != null && at != tb)
        {
            at = ref at.NextInHash;
        }

        if (at == null)
        {
            return false;
        }

        at = tb.NextInHash;
        ref TranslationBlock? inPage = ref _pages[page];
        while (inPage != tb)
        {
            inPage = ref inPage!.NextInPage;
        }

        inPage = tb.NextInPage;
        return true;
    }

    /// <summary>The first block of the page that overlaps [start, start + length), or null.</summary>
    public TranslationBlock? FindOverlap(int page, ulong start, ulong length)
    {
        TranslationBlock? tb = _pages[page];
        while (tb != null && (tb.Physical >= start + length || tb.Physical + (ulong)tb.Size <= start))
        {
            tb = tb.NextInPage;
        }

        return tb;
    }

    /// <summary>Forgets all blocks.</summary>
    /// <param name="pages">Every page that may have blocks, so that the cost does not grow with RAM.</param>
    public void Clear(IEnumerable<int> pages)
    {
        Array.Clear(_buckets);
        foreach (int page in pages)
        {
            _pages[page] = null;
        }
    }

    private ref TranslationBlock? Bucket(ulong physical) => ref _buckets[((physical >> 1) * 0x9E3779B97F4A7C15) >> _shift];
}
