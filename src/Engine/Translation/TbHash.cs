using System.Numerics;

namespace Verify.Engine.Translation;

/// <summary>The physical hash: QEMU's <c>tb_ctx.htable</c>. Look-ups take no lock; insertions and removals lock one bucket group.</summary>
/// <remarks>
/// Chains are singly linked through the blocks. Inserting publishes at the head; removing makes the predecessor skip the block and leaves the
/// block's own link, so a reader standing on it still reaches the rest. A reader may return a block that was removed meanwhile: the invalid
/// mark, set before the removal and part of the key, decides (races.md 3.4). A miss may be wrong by a racing insert: Insert looks again.
/// Why not ConcurrentDictionary: its locks and resizing are out of sight of who checks this protocol, and the key is in the block already.
/// </remarks>
public sealed class TbHash
{
    private readonly TranslationBlock?[] _buckets; // each volatile; written under its lock
    private readonly object[] _locks; // bucket i is under lock i modulo their number
    private readonly int _shift;

    /// <param name="capacity">Blocks expected; sizes the hash.</param>
    public TbHash(int capacity)
    {
        int bits = Math.Clamp(BitOperations.Log2((uint)capacity) + 1, 2, 15);
        _buckets = new TranslationBlock?[1 << bits];
        _locks = [.. Enumerable.Range(0, Math.Clamp(capacity / 64, 1, 16)).Select(_ => new object())];
        _shift = 64 - bits;
    }

    /// <summary>A second page that is not looked at: in machine mode the first page decides which it is.</summary>
    public const int AnyPage = -2;

    /// <summary>The block for a virtual pc on a physical page, translated with exactly these flags; null if there is none.</summary>
    /// <param name="page1">
    /// The physical page the next virtual page is now mapped to, -1 if none; a block that spans pages must have it as its second (tb_lookup_cmp).
    /// </param>
    public TranslationBlock? Find(ulong pc, int page, TbFlags flags, int page1 = AnyPage)
    {
        TranslationBlock? tb = Volatile.Read(ref _buckets[Bucket(pc, page)]); // Pairs with the write in Insert, after full construction.
        while (tb != null && !(Matches(tb, pc, page, flags) && (tb.Page1 < 0 || page1 == AnyPage || tb.Page1 == page1)))
        {
            tb = tb.NextInHash;
        }

        return tb;
    }

    /// <summary>Publishes a fully constructed block, unless there is one with the same key.</summary>
    /// <returns>The block that is in the hash now: this one, or the one that was there first.</returns>
    public TranslationBlock Insert(TranslationBlock tb)
    {
        int bucket = Bucket(tb.Pc, tb.Page0);
        TbFlags flags = tb.Flags;
        lock (_locks[bucket % _locks.Length])
        {
            if (Find(tb.Pc, tb.Page0, flags, (flags & TbFlags.ModeMask) == 0 ? AnyPage : tb.Page1) is { } existing)
            {
                return existing;
            }

            Push(tb, bucket);
            return tb;
        }
    }

    /// <summary>Publishes a block without looking for its like. No protocol of the engine does this; it is here for wrong ones.</summary>
    public void InsertUnchecked(TranslationBlock tb)
    {
        int bucket = Bucket(tb.Pc, tb.Page0);
        lock (_locks[bucket % _locks.Length])
        {
            Push(tb, bucket);
        }
    }

    /// <summary>
    /// Whether the block is there. If so the caller sees it as it was published, which a slot known from before need not mean to a thread that is no
    /// vCPU: the slot's pages as they were before a flush would still be a value it may read.
    /// </summary>
    public bool Contains(TranslationBlock tb)
    {
        int bucket = Bucket(tb.Pc, tb.Page0);
        lock (_locks[bucket % _locks.Length])
        {
            TranslationBlock? at = _buckets[bucket];
            while (at != null && at != tb)
            {
                at = at.NextInHash;
            }

            return at != null;
        }
    }

    /// <returns>False if the block was not there: somebody else has removed it.</returns>
    public bool Remove(TranslationBlock tb)
    {
        lock (_locks[Bucket(tb.Pc, tb.Page0) % _locks.Length])
        {
            return RemoveUnlocked(tb);
        }
    }

    /// <summary>Removes a block without the lock of its bucket. No protocol of the engine does this; it is here for wrong ones.</summary>
    public bool RemoveUnlocked(TranslationBlock tb)
    {
        ref TranslationBlock? at = ref _buckets[Bucket(tb.Pc, tb.Page0)];
        while (at != null && at != tb)
        {
            at = ref at.NextInHashRef;
        }

        if (at == null)
        {
            return false;
        }

        Volatile.Write(ref at, tb.NextInHash);
        return true;
    }

    /// <summary>Forgets all blocks.</summary>
    public void Reset()
    {
        foreach (object bucketLock in _locks)
        {
            Monitor.Enter(bucketLock);
        }

        Array.Clear(_buckets);
        foreach (object bucketLock in _locks)
        {
            Monitor.Exit(bucketLock);
        }
    }

    private static bool Matches(TranslationBlock tb, ulong pc, int page, TbFlags flags) => tb.Pc == pc && tb.Page0 == page && tb.Flags == flags;

    private void Push(TranslationBlock tb, int bucket)
    {
        tb.NextInHash = _buckets[bucket];
        Volatile.Write(ref _buckets[bucket], tb);
    }

    private int Bucket(ulong pc, int page) => (int)((((pc >> 1) ^ ((ulong)page << 32)) * 0x9E3779B97F4A7C15) >> _shift);
}
