namespace Verify.Engine.Translation;

/// <summary>The token of held page locks: what needs them takes it as a parameter, so a call without the locks does not compile.</summary>
/// <remarks>
/// QEMU's <c>struct page_collection</c> and <c>page_lock_pair</c> (tb-maint.c at 00f70884). Locks are taken in ascending order of page number; a
/// lower one is only tried, and if that fails the whole set is released and taken again in order (TB20). Dispose releases all, once.
/// </remarks>
public sealed class PageLocks : IDisposable
{
    private readonly PageTable _pages;
    private readonly SortedDictionary<int, TbPage> _held = [];

    private PageLocks(PageTable pages) => _pages = pages;

    /// <summary>The pages held, in ascending order.</summary>
    public IReadOnlyCollection<int> Pages => _held.Keys;

    /// <summary>Locks one page.</summary>
    public static PageLocks Take(PageTable pages, int page)
    {
        PageLocks held = new(pages);
        held.Enter(page);
        return held;
    }

    /// <summary>Locks the pages of one block, the same page once (TB21). Its pages are those it had on entry.</summary>
    public static PageLocks TakePagesOf(PageTable pages, TranslationBlock tb)
    {
        (int page0, int page1) = (tb.Page0, tb.Page1);
        PageLocks held = Take(pages, page1 >= 0 && page1 < page0 ? page1 : page0);
        if (page1 >= 0)
        {
            held.TryAdd(Math.Max(page0, page1));
        }

        return held;
    }

    /// <summary>Locks the pages from <paramref name="first"/> to <paramref name="last"/>, and all other pages of the blocks on them.</summary>
    public static PageLocks TakeBlocksIn(PageTable pages, int first, int last)
    {
        PageLocks held = new(pages);
        for (int page = first; page <= last; page++)
        {
            held.Enter(page);
        }

        // A block that appears while all is released is found by the next round: it is complete when nothing had to be added.
        while (held.MissingPage(first, last) is { } missing)
        {
            held.AddOrRelock(missing);
        }

        return held;
    }

    /// <summary>Whether all pages of the block, as they are now, are held.</summary>
    public bool Cover(TranslationBlock tb) => _held.ContainsKey(tb.Page0) && (tb.Page1 < 0 || _held.ContainsKey(tb.Page1));

    /// <summary>Adds a page: waits for it if it is above all held ones, else only tries.</summary>
    /// <returns>False, and nothing has changed, if the page is held by somebody else and waiting for it could deadlock.</returns>
    public bool TryAdd(int page)
    {
        if (_held.ContainsKey(page))
        {
            return true;
        }

        TbPage of = _pages.Page(page);
        if (_held.Count == 0 || page > Last)
        {
            Monitor.Enter(of);
        }
        else if (!Monitor.TryEnter(of))
        {
            return false;
        }

        _held.Add(page, of);
        return true;
    }

    /// <summary>Adds a page; if need be by releasing all and taking them again in order.</summary>
    /// <returns>False if all were released in between: what was read under the locks may have changed, so start again.</returns>
    public bool AddOrRelock(int page)
    {
        if (TryAdd(page))
        {
            return true;
        }

        int[] again = [.. _held.Keys.Append(page).Order()];
        Dispose();
        foreach (int each in again)
        {
            Enter(each);
        }

        return false;
    }

    /// <summary>Waits for the page whatever the order. No protocol of the engine does this below a held page; it is here for wrong ones.</summary>
    public void Enter(int page)
    {
        TbPage of = _pages.Page(page);
        if (_held.TryAdd(page, of))
        {
            Monitor.Enter(of);
            return;
        }

        throw new InvalidOperationException($"page {page} is locked already by this set: with QEMU's page locks this waits for itself");
    }

    /// <summary>The blocks of a held page, for loops that remove them.</summary>
    internal IEnumerable<TranslationBlock> BlocksOf(int page) => Get(page).Blocks();

    /// <exception cref="InvalidOperationException">The page is not locked by this set: QEMU's assert_page_locked.</exception>
    internal TbPage Get(int page) =>
        _held.TryGetValue(page, out TbPage? of) ? of : throw new InvalidOperationException($"page {page} must be locked here, held are {string.Join(", ", _held.Keys)}");

    /// <summary>Forgets the locks without releasing them. No protocol of the engine does this; it is here for wrong ones.</summary>
    public void Abandon() => _held.Clear();

    /// <summary>Releases the locks without forgetting them. No protocol of the engine does this; it is here for wrong ones.</summary>
    public void ReleaseWithoutForgetting()
    {
        foreach (TbPage page in _held.Values)
        {
            Monitor.Exit(page);
        }
    }

    public void Dispose()
    {
        foreach (TbPage page in _held.Values)
        {
            Monitor.Exit(page);
        }

        _held.Clear();
    }

    private int Last => _held.Keys.Last();

    private int? MissingPage(int first, int last)
    {
        for (int page = first; page <= last; page++)
        {
            foreach (TranslationBlock tb in Get(page).Blocks())
            {
                if (!_held.ContainsKey(tb.Page0))
                {
                    return tb.Page0;
                }

                if (tb.Page1 >= 0 && !_held.ContainsKey(tb.Page1))
                {
                    return tb.Page1;
                }
            }
        }

        return null;
    }
}
